"""Gigabytes are printed."""

# expect: stopped
import sys

line = "x" * 100_000
while True:
    sys.stdout.write(line + "\n")
