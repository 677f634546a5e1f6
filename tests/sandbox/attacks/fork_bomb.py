"""Every process starts two more."""

# expect: stopped
import os

while True:
    os.fork()
