"""The process rewrites itself through /proc/self/mem."""

# expect: held
try:
    with open("/proc/self/mem", "r+b", 0) as file:
        file.seek(id(file))
        print("ESCAPED", file.read(8))
except OSError as error:
    print(error.strerror)

open("/output/ended.txt", "w").write("ended")
