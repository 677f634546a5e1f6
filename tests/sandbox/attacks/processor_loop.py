"""A loop that never ends; also the browser's `while True`."""

# expect: stopped
while True:
    pass
