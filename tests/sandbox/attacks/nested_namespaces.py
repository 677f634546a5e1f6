"""New namespaces, where one is root."""

# expect: held
try:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
except (ImportError, OSError, TypeError):  # the browser has no C library to call
    libc = None

NAMES = {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000, "cgroup": 0x2000000}
if libc and hasattr(libc, "unshare"):
    for name, flag in NAMES.items():
        if libc.unshare(flag) == 0:
            print("ESCAPED unshare", name)
    for number in (56, 220, 435):
        for flag in NAMES.values():
            if number != 435 and libc.syscall(number, flag | 17, 0, 0, 0, 0) == 0:
                import os

                os._exit(0)

open("/output/ended.txt", "w").write("ended")
