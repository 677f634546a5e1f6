"""The product's own files, its keys and its database folder are read."""

# expect: held
import glob
import os

wanted = ["/app", "/srv", "/opt/*", "~/.spadework", "/var/lib/postgresql"]
wanted += [inputs[name] for name in ("source", "secret_key") if inputs.get(name)]
for pattern in wanted:
    for path in glob.glob(os.path.expanduser(pattern)) or [pattern]:
        try:
            if os.path.isdir(path):
                found = os.listdir(path)
            else:
                with open(path, "rb") as file:
                    found = file.read(200)
        except OSError as error:
            print(path, error.strerror)
        else:
            if found:
                print("ESCAPED", path, found)

open("/output/ended.txt", "w").write("ended")
