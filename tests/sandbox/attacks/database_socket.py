"""The database's socket is connected to."""

# expect: held
import socket

for path in (inputs.get("unix_socket", "/tmp/.s.PGSQL.5432"), "/var/run/postgresql/.s.PGSQL.5432", "/run/docker.sock"):
    try:
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        door.connect(path)
    except (OSError, AttributeError) as error:
        print(path, error)
    else:
        print("ESCAPED", path)

open("/output/ended.txt", "w").write("ended")
