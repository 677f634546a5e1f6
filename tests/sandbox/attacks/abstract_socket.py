"""A socket without a file, which file permissions do not cover."""

# expect: held
import socket

try:
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.connect("\0" + inputs.get("abstract_socket", "spadework-canary"))
    print("ESCAPED")
except (OSError, AttributeError) as error:
    print(error)

open("/output/ended.txt", "w").write("ended")
