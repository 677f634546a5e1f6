"""The machine's users are read."""

# expect: held
import glob
import os

wanted = ["/etc/passwd", "/etc/shadow", "/etc/hosts", "/etc/machine-id"]
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
