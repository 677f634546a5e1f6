"""Files that were open in the process that started us are used."""

# expect: held
import os

canary = inputs.get("canary", "canary").encode()
for number in range(3, 256):
    try:
        os.lseek(number, 0, os.SEEK_SET)
        found = os.read(number, 4_096)
    except OSError:
        continue
    if canary in found:
        print("ESCAPED", number)

open("/output/ended.txt", "w").write("ended")
