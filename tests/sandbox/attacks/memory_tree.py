"""Many processes take a little memory each, 40 times 100 MB."""

# expect: stopped
import os
import time

children = []
for _ in range(40):
    child = os.fork()
    if child == 0:
        kept = bytearray(os.urandom(1_000_000)) * 100
        time.sleep(30)
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
print("ESCAPED 4 GB")
