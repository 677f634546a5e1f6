"""The first program inside the sandbox: puts the limits on itself, runs the script, and sends what came of it.

Started as `python -S -s -P inside.py <channel>`; it finds its request in /runner/request.json and writes to the
channel one line of JSON and then the bytes of the one output. Whatever it sends is checked outside: the script
shares this process and may have written it.
"""

import importlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

RUNNER = Path("/runner")
PACKAGES = Path("/packages")
_PIECE_BYTES = 1024 * 1024


def main(channel: int) -> None:
    """Carry out the request; ends the process."""
    request: dict[str, Any] = json.loads((RUNNER / "request.json").read_text())
    os.nice(request["nice"])
    _limit(request["limits"])
    sys.path += [str(RUNNER), str(PACKAGES)]
    harness = importlib.import_module("spadework.sandbox.harness")
    module, _, function = request["mask_failure"].partition(":")
    outcome = harness.run(
        request["script"],
        inputs=Path("/input_files"),
        output=Path("/output"),
        values=request["values"],
        renames=request["renames"],
        on_print=_tell,
        mask_failure=getattr(importlib.import_module(module), function),
        output_filename=request["output_filename"],
        originals=Path("/originals"),
        scratch=Path("/scratch"),
        max_output_bytes=request["output_bytes"],
    )
    _send(channel, outcome)
    os._exit(0)  # threads that the script left must not hold the end up


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, name), (value, value))


def _tell(line: str) -> None:
    os.write(1, line.encode("utf-8", "replace") + b"\n")


def _send(channel: int, outcome: Any) -> None:
    told = {**outcome.to_json(), "log": ""}
    _write(channel, json.dumps(told).encode() + b"\n")
    for output in outcome.outputs:
        with output.path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                _write(channel, piece)
    os.close(channel)


def _write(channel: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(channel, left) :]


if __name__ == "__main__":
    main(int(sys.argv[1]))
