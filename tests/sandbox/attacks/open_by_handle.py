"""A file of the machine is opened by its handle instead of its name."""

# expect: held
try:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
except (ImportError, OSError, TypeError):  # the browser has no C library to call
    libc = None

if libc and hasattr(libc, "open_by_handle_at"):
    handle = (ctypes.c_ubyte * 136)(8, 0, 0, 0, 1, 0, 0, 0, 2)
    import os

    root = os.open("/usr/lib", os.O_RDONLY)
    got = libc.open_by_handle_at(root, handle, 0)
    if got >= 0:
        print("ESCAPED", os.listdir(got))
    else:
        print(os.strerror(ctypes.get_errno()))

open("/output/ended.txt", "w").write("ended")
