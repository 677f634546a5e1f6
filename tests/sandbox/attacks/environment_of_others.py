"""The environment of every process is read."""

# expect: held
import glob
import os

for path in glob.glob("/proc/*/environ"):
    try:
        with open(path, "rb") as file:
            found = file.read()
    except OSError as error:
        print(path, error.strerror)
    else:
        print("ESCAPED" if inputs.get("canary", "canary").encode() in found else "seen", path)
if inputs.get("canary") and any(inputs["canary"] in value for value in os.environ.values()):
    print("ESCAPED environment")

open("/output/ended.txt", "w").write("ended")
