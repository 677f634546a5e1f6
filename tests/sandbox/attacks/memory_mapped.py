"""Shared mappings, which belong to no heap."""

# expect: stopped
import mmap

kept = []
while True:
    kept.append(mmap.mmap(-1, 16_000_000))
    kept[-1].write(b"x" * 16_000_000)
