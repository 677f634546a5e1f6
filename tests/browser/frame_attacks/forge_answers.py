"""The script tells the page what it likes: another outcome, with the person's rows as its error."""

# expect: stopped
import json

import spadework_running

dumps = json.dumps
secret = {"exception": "ana@example.com 5551234", "line": 10**9, "message": "Ana Pereira, 5551234"}


def forged(*_):
    return dumps(
        {
            "success": True, "seconds": -5, "log": "x", "rows_in": "ten", "rows_out": 1e99, "failure": secret,
            "failure_local": {"not": "text"}, "files": [],
        }
    )  # fmt: skip


spadework_running.json.dumps = forged
open("/output/ended.txt", "w").write("ended")
