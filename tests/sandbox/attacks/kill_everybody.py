"""Every process that can be reached is killed."""

# expect: held
import os
import signal

for pid in [*range(2, 400), int(inputs.get("victim", "0"))]:
    if pid and pid != os.getpid():
        try:
            os.kill(pid, signal.SIGTERM)
        except (OSError, AttributeError) as error:
            pass

open("/output/ended.txt", "w").write("ended")
