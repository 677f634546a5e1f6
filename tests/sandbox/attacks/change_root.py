"""The way up is climbed after a second chroot."""

# expect: held
import os

try:
    os.makedirs("/scratch/inner", exist_ok=True)
    above = os.open("/", os.O_RDONLY)
    os.chroot("/scratch/inner")
    os.fchdir(above)
    for _ in range(20):
        os.chdir("..")
    os.chroot(".")
    with open("/etc/passwd") as file:
        print("ESCAPED", file.readline())
except (OSError, AttributeError) as error:
    print(error)

open("/output/ended.txt", "w").write("ended")
