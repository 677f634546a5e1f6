"""Raw packets."""

# expect: held
import socket

for family, kind in (("AF_INET", 3), ("AF_PACKET", 3), ("AF_NETLINK", 3), ("AF_VSOCK", 1), ("AF_ALG", 5)):
    if hasattr(socket, family):
        try:
            door = socket.socket(getattr(socket, family), kind)
            door.send(b"x" * 64)
            print("ESCAPED", family)
        except OSError as error:
            print(family, error)

open("/output/ended.txt", "w").write("ended")
