"""Another process is attached to."""

# expect: held
import os

try:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
except (ImportError, OSError, TypeError):  # the browser has no C library to call
    libc = None

if libc and hasattr(libc, "ptrace"):
    for pid in {1, os.getppid()}:
        if libc.ptrace(16, pid, 0, 0) == 0:
            print("ESCAPED ptrace", pid)
    child = os.fork()
    if child == 0:
        os.pause() if hasattr(os, "pause") else __import__("time").sleep(5)
        os._exit(0)
    if libc.ptrace(16, child, 0, 0) == 0:
        print("ESCAPED ptrace of a child")
    os.kill(child, 9)
    os.waitpid(child, 0)

open("/output/ended.txt", "w").write("ended")
