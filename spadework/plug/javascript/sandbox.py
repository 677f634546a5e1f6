"""Runs one JavaScript expression over many rows, in a process of its own with limits on time and memory.

A process, because V8 inside ours could end it: some arrays and regular expressions cannot be interrupted,
and a string of half a gigabyte aborts V8 (seen with mini-racer 0.14). The process is started on first use,
serves the whole worker, and is started again after it had to be given up.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import orjson

from spadework.core.errors import Unavailable
from spadework.plug.column import Value

Result = Literal["text", "number", "json", "timestamp"]
ROW_SECONDS = 1.0
MEMORY_MEGABYTES = 64
LONGEST_RESULT = 1_000_000
"""Characters of one result as JSON."""
MOST_STOPPED = 3
"""How many rows of a batch may be stopped, a second or more each, before the rest is not tried."""

_MOST_RESULTS = 16_000_000  # characters in one reply
_START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Computed:
    """One row's result, or the sentence that says why there is none. Both are None for an empty result."""

    value: Value = None
    error: str | None = None
    is_not_a_number: bool = False


def evaluate(
    code: str,
    names: Sequence[str],
    rows: Sequence[Sequence[Value]],
    *,
    result: Result = "json",
    row_seconds: float = ROW_SECONDS,
) -> list[Computed]:
    """One result per row, in order; an error in a row is that row's alone. Blocks; call it from a thread.

    `names` are the identifiers the code uses, and each row holds their values in that order; None becomes
    undefined. A row that takes longer than
    `row_seconds` (up to twice that is allowed), or needs more than MEMORY_MEGABYTES, is stopped.

    Raises:
        Unavailable: the process cannot be started.
    """
    done: list[Computed] = []
    stopped = 0
    while len(done) < len(rows):
        if stopped >= MOST_STOPPED:
            why = f"not tried: {stopped} rows before it had to be stopped. Make the formula simpler."
            done += [Computed(error=why)] * (len(rows) - len(done))
            break
        batch, blame = _batch(code, names, rows[len(done) :], result, row_seconds)
        done += batch
        if blame is not None:
            done.append(Computed(error=blame))
            stopped += 1
    return done


@lru_cache(maxsize=512)
def check(code: str, names: tuple[str, ...]) -> str | None:
    """Why the code does not parse, None when it does; nothing is run."""
    reply = _ask({"kind": "check", "code": code, "names": names}, seconds=10)
    if reply[:1] != b"E":
        return "it could not be checked"
    return orjson.loads(reply[1:]) or None


def _batch(
    code: str, names: Sequence[str], rows: Sequence[Sequence[Value]], result: Result, seconds: float
) -> tuple[list[Computed], str | None]:
    """Results of the first rows, and why the row after them failed when the process was given up there."""
    give_up = seconds * 2
    reply = _ask(
        {
            "kind": "run", "code": code, "names": list(names), "rows": rows, "result": result,
            "seconds": seconds, "give_up_seconds": give_up, "longest": LONGEST_RESULT, "most": _MOST_RESULTS,
        },
        seconds=give_up,
    )  # fmt: skip
    kind, body = reply[:1], reply[1:]
    if kind == b"R":
        return [_computed(each) for each in orjson.loads(body)], None
    if kind == b"E":
        return [Computed(error=orjson.loads(body))] * len(rows), None
    why = (
        f"took longer than {seconds:g} s"
        if kind == b"T"
        else f"needed more than {MEMORY_MEGABYTES} MB, or stopped the formula engine"
    )
    at = int(body) if kind in (b"T", b"M") else None
    if at is None:
        # The process died without a word, so the row is found by halving.
        if len(rows) == 1:
            return [], why
        return _batch(code, names, rows[: len(rows) // 2], result, seconds)
    before, _ = _batch(code, names, rows[:at], result, seconds) if at else ([], None)
    return before, why if len(before) == at else None


def _computed(reply: dict[str, Any] | None) -> Computed:
    if reply is None:
        return Computed()
    return Computed(value=reply.get("value"), error=reply.get("error"), is_not_a_number="nan" in reply)


# --- the process ---------------------------------------------------------------------------------

_lock = threading.Lock()
_process: subprocess.Popen[bytes] | None = None
_owner = 0


def _ask(request: dict[str, Any], *, seconds: float) -> bytes:
    """The reply's line, empty when the process died or did not answer; one request at a time."""
    line = _as_line({**request, "megabytes": MEMORY_MEGABYTES})
    with _lock:
        process = _running()
        assert process.stdin is not None and process.stdout is not None
        with _killed_after(process, seconds + _START_SECONDS):
            try:
                process.stdin.write(line)
                process.stdin.flush()
                reply = process.stdout.readline()
            except (BrokenPipeError, ValueError):
                reply = b""
        if reply[:1] not in (b"R", b"E"):
            _give_up(process)
        return reply.rstrip(b"\n")


def _as_line(request: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(request, default=str) + b"\n"
    except TypeError:
        # orjson refuses numbers above 64 bits and halves of surrogate pairs; the standard library takes both.
        return json.dumps(request, default=str).encode() + b"\n"


def _running() -> subprocess.Popen[bytes]:
    global _process, _owner  # noqa: PLW0603  # one process per worker process is the point
    if _process is None or _process.poll() is not None or _owner != os.getpid():
        try:
            _process = subprocess.Popen(  # noqa: S603  # our own file, no argument from outside
                [sys.executable, "-I", str(Path(__file__).with_name("child.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable(
                f"The formula engine cannot be started: {error}. Free some memory and try again."
            ) from error
        _owner = os.getpid()
    return _process


def _give_up(process: subprocess.Popen[bytes]) -> None:
    global _process  # noqa: PLW0603  # as above
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    _process = None


@contextlib.contextmanager
def _killed_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
