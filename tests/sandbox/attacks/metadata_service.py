"""The cloud's metadata service is asked for credentials."""

# expect: held
import socket

for host in ("169.254.169.254", "fd00:ec2::254"):
    try:
        door = socket.create_connection((host, 80), timeout=2)
        door.sendall(b"GET /latest/meta-data/ HTTP/1.0\r\n\r\n")
        if door.recv(1):
            print("ESCAPED", host)
    except OSError as error:
        print(host, error)

open("/output/ended.txt", "w").write("ended")
