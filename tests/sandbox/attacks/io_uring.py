"""Calls are made through io_uring, past a filter of calls."""

# expect: held
try:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
except (ImportError, OSError, TypeError):  # the browser has no C library to call
    libc = None

if libc and hasattr(libc, "syscall"):
    parameters = (ctypes.c_ubyte * 120)()
    if libc.syscall(425, 8, parameters) >= 0:
        print("ESCAPED")

open("/output/ended.txt", "w").write("ended")
