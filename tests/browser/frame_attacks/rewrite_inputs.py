"""The person's file is written over, renamed and removed."""

# expect: held
import os
from pathlib import Path

for path in Path("/input_files").rglob("*.csv"):
    before = path.read_bytes()
    for act in (lambda: path.write_bytes(b"gone"), lambda: os.remove(path), lambda: os.rename(path, "/scratch/x")):
        try:
            act()
        except OSError as error:
            print(type(error).__name__)
    if path.exists() and path.read_bytes() != before:
        print("ESCAPED the file was changed")

open("/output/ended.txt", "w").write("ended")
