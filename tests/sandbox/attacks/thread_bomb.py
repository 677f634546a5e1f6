"""Threads without end, each of which waits."""

# expect: stopped
import threading

waiting = threading.Event()
started = 0
while started < 5_000:
    threading.Thread(target=waiting.wait, daemon=True).start()
    started += 1
print("ESCAPED", started, "threads")
