"""A service on this machine is connected to."""

# expect: held
import socket

for port in {int(inputs.get("tcp_port", "8300")), 22, 5432, 8300}:
    try:
        door = socket.create_connection(("127.0.0.1", port), timeout=2)
        door.sendall(b"GET / HTTP/1.0\r\n\r\n")
        if door.recv(1):
            print("ESCAPED", port)
    except OSError as error:
        print(port, error)

open("/output/ended.txt", "w").write("ended")
