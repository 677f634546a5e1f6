"""Modules and start-up files are planted for whatever runs Python next."""

# expect: held
import os
import site
import sys

for folder in {
    *sys.path,
    *site.getsitepackages(),
    "/runner",
    "/packages",
    "/input_files",
    "/usr/lib/python3/dist-packages",
}:
    for name in ("sitecustomize.py", "usercustomize.py", "planted.pth", "spadework/__init__.py"):
        try:
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), "w") as file:
                file.write("import os")
        except OSError:
            continue
        if not os.path.isdir("/home/pyodide") and not folder.startswith("/scratch"):
            print("ESCAPED", folder, name)
os.environ["PYTHONSTARTUP"] = os.environ["PYTHONPATH"] = "/scratch"

open("/output/ended.txt", "w").write("ended")
