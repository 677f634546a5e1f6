"""The same service by its IPv6 address."""

# expect: held
import socket

try:
    door = socket.create_connection(("::1", int(inputs.get("tcp6_port", "8300"))), timeout=2)
    door.sendall(b"GET / HTTP/1.0\r\n\r\n")
    if door.recv(1):
        print("ESCAPED")
except OSError as error:
    print(error)

open("/output/ended.txt", "w").write("ended")
