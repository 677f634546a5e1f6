"""Memory is taken by files in every folder that can be written to."""

# expect: held
import os

written = 0
for folder in (
    "/scratch",
    "/output",
    "/input_files",
    "/tmp",
    "/dev",
    "/dev/shm",
    "/run",
    "/var/tmp",
    "/",
    "/originals",
):
    try:
        with open(os.path.join(folder, "filler"), "wb") as file:
            for _ in range(2_000):
                written += file.write(b"x" * 1_000_000)
                file.flush()
    except OSError as error:
        print(folder, error.strerror)
for folder in ("/scratch", "/output"):
    try:
        os.remove(os.path.join(folder, "filler"))
    except OSError:
        pass
if written > 400_000_000:
    print("ESCAPED", written)

open("/output/ended.txt", "w").write("ended")
