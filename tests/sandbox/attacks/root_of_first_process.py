"""The machine's root is reached through /proc/1/root and /proc/*/cwd."""

# expect: held
import os

for path in ("/proc/1/root/etc/passwd", "/proc/1/cwd/etc/passwd", "/proc/self/root/etc/passwd", "/../../../etc/passwd"):
    try:
        with open(path) as file:
            print("ESCAPED", path, file.readline())
    except OSError as error:
        print(path, error.strerror)

open("/output/ended.txt", "w").write("ended")
