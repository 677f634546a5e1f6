"""The kernel is told to do things through /proc and /sys."""

# expect: held
import os

for path, text in (
    ("/proc/sysrq-trigger", "h"),
    ("/proc/sys/kernel/core_pattern", "|/bin/sh"),
    ("/proc/sys/kernel/hostname", "taken"),
    ("/sys/power/state", "mem"),
    ("/sys/fs/cgroup/cgroup.procs", "0"),
    ("/sys/kernel/mm/transparent_hugepage/enabled", "never"),
):
    try:
        with open(path, "w") as file:
            file.write(text)
    except OSError as error:
        print(path, error.strerror)
    else:
        if not os.path.isdir("/home/pyodide"):  # the browser's own file system has no kernel behind it
            print("ESCAPED", path)

open("/output/ended.txt", "w").write("ended")
