"""Writing into a pipe that nobody reads: it lies outside of Python's own memory."""

# expect: stopped
import os

_, end = os.pipe()
piece = b"x" * 1_000_000
for _ in range(4_000):
    os.write(end, piece)
print("ESCAPED 4 GB")
