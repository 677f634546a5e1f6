"""A process that has left its session and its parent lives on."""

# expect: held
import contextlib
import os
import time

if os.fork() == 0:
    with contextlib.suppress(PermissionError):
        os.setsid()
    if os.fork() == 0:
        for number in (0, 1, 2):
            try:
                os.close(number)
            except OSError:
                pass
        while True:
            time.sleep(1)
    os._exit(0)
os.wait()

open("/output/ended.txt", "w").write("ended")
