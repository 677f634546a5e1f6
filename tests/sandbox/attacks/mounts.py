"""A file system is mounted, or a read-only one made writable."""

# expect: held
try:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
except (ImportError, OSError, TypeError):  # the browser has no C library to call
    libc = None

if libc and hasattr(libc, "mount"):
    for source, target, kind, flags in (
        (b"proc", b"/scratch", b"proc", 0),
        (b"tmpfs", b"/usr", b"tmpfs", 0),
        (b"/", b"/", None, 32 | 4096),
        (b"none", b"/usr", None, 32),
    ):
        if libc.mount(source, target, kind, flags, None) == 0:
            print("ESCAPED mount", target)
    if libc.umount2(b"/usr", 2) == 0:
        print("ESCAPED umount")
try:
    with open("/usr/lib/planted", "w") as file:
        file.write("x")
    print("ESCAPED /usr is writable" if libc and hasattr(libc, "mount") else "its own memory")
except OSError as error:
    print(error.strerror)

open("/output/ended.txt", "w").write("ended")
