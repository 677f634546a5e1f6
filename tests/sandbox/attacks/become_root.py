"""Root is asked for: by calls, and by programs that have the right to give it."""

# expect: held
import glob
import os
import stat

for name in ("setuid", "setgid", "seteuid"):
    try:
        getattr(os, name)(0)
        if os.getuid() == 0 or os.geteuid() == 0:
            print("ESCAPED", name)
    except (OSError, AttributeError) as error:
        print(name, error)
for path in [*glob.glob("/usr/bin/*"), *glob.glob("/bin/*"), *glob.glob("/usr/lib/*/*"), *glob.glob("/usr/lib/*/*/*")]:
    try:
        if os.lstat(path).st_mode & stat.S_ISUID and os.path.isfile(path):
            if os.spawnv(os.P_WAIT, path, [path, "-c", "id -u > /output/id"]) == 0 and os.path.exists("/output/id"):
                print("ESCAPED", path, open("/output/id").read())
    except (OSError, AttributeError) as error:
        print(path, error)

open("/output/ended.txt", "w").write("ended")
