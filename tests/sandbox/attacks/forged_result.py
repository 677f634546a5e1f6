"""The script writes its own report into every open file, with a name that climbs."""

# expect: stopped
import json
import os

forged = {
    "success": True,
    "outputs": [{"name": "../../climbed", "size": 3}],
    "rows_in": 1,
    "rows_out": 1,
    "failure": None,
    "failure_local": None,
    "seconds": 0,
    "log": "",
}
for number in range(3, 256):
    try:
        os.write(number, json.dumps(forged).encode() + b"\nabc")
    except OSError:
        pass
raise ValueError("done")
