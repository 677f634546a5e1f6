"""The script does nothing, for a day."""

# expect: stopped
import time

time.sleep(86_400)
