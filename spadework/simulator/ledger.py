"""What the simulated vendors saw and did, on disk before anybody is told: the outside truth of a crash test."""

import asyncio
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson


class Ledger:
    """Appends JSON lines and calls back once they are on the disk; lines that wait together share one fsync."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._loop = loop
        self._waiting: queue.SimpleQueue[tuple[bytes, Callable[[], None]] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="ledger", daemon=True)
        self._writer.start()

    def append(self, entries: list[dict[str, Any]], when_durable: Callable[[], None]) -> None:
        """Append the entries in order and call back, on the loop, when a crash can no longer lose them."""
        lines = b"".join(orjson.dumps(each) + b"\n" for each in entries)
        self._waiting.put((lines, when_durable))

    def close(self) -> None:
        """Write what waits and close the file."""
        self._waiting.put(None)
        self._writer.join()
        os.close(self._file)

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            group, is_last = [first], False
            while not self._waiting.empty():
                if (more := self._waiting.get()) is None:
                    is_last = True
                    break
                group.append(more)
            self._commit(group)
            if is_last:
                return

    def _commit(self, group: list[tuple[bytes, Callable[[], None]]]) -> None:
        lines = memoryview(b"".join(each for each, _ in group))
        try:
            while lines:
                lines = lines[os.write(self._file, lines) :]
            os.fdatasync(self._file)
        except OSError as error:
            # A ledger with a hole proves nothing, so the process stops rather than answer on.
            sys.stderr.write(f"The simulator's ledger cannot be written: {error}. It stops here.\n")
            sys.stderr.flush()
            os._exit(1)
        callbacks = [callback for _, callback in group]
        self._loop.call_soon_threadsafe(lambda: [each() for each in callbacks])
