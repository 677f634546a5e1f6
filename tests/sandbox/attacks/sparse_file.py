"""A file that claims to have a terabyte."""

# expect: held
try:
    with open("/output/huge", "wb") as file:
        file.truncate(1 << 40)
    print("ESCAPED")
except OSError as error:
    print(error.strerror)
import os

if os.path.exists("/output/huge"):
    os.remove("/output/huge")

open("/output/ended.txt", "w").write("ended")
