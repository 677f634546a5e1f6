"""A datagram is sent to a service on this machine."""

# expect: held
import socket

try:
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.settimeout(2)
    door.sendto(inputs.get("canary", "canary").encode(), ("127.0.0.1", int(inputs.get("udp_port", "9"))))
    if door.recv(1):
        print("ESCAPED")
except OSError as error:
    print(error)

open("/output/ended.txt", "w").write("ended")
