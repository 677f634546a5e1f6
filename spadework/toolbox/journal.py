"""The call journal: what this process sent and what came back, safe from kill -9 before the database has it.

One memory-mapped file per process. Writing it costs a memory copy: the kernel keeps the pages when the
process dies. A lost power supply may lose them, so after a reboot an unmarked call counts as unknown.
"""

import fcntl
import mmap
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

_HEADER = struct.Struct("<I16sB")
_START = struct.Struct("<Q")
_BOOT_BYTES = 40
_HEAD_BYTES = _BOOT_BYTES + _START.size
_SENT, _REPLY = 1, 2
_AREA_BYTES = 8 * 1024 * 1024
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Trace:
    """What a process noted about one call: that it was sent, and the reply when one came."""

    call_id: UUID
    reply: bytes | None


class Journal:
    """This process's journal. Records are `sent` before a request's first byte and `reply` after its last.

    The file is a boot id, the place of the first record, and areas. When an area is full, the records of
    calls still open move to another one, so a long run needs no more room than a short one.
    """

    def __init__(self, folder: Path, worker_id: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / f"{worker_id}.journal"
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        # Held until the process ends, however it ends: whoever can take it knows the owner is dead.
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(self._file, _boot_id() + _START.pack(_HEAD_BYTES))
        os.truncate(self._file, _HEAD_BYTES + _AREA_BYTES)
        self._map = mmap.mmap(self._file, 0)
        self._areas = [range(_HEAD_BYTES, _HEAD_BYTES + _AREA_BYTES)]
        self._area = self._areas[0]
        self._end = self._area.start
        self._open: dict[UUID, tuple[int, int]] = {}
        """Each call the database does not have yet: where its newest record is, and how long."""

    def sent(self, call_id: UUID) -> None:
        """Note that the call's request is about to leave."""
        self._write(call_id, _SENT, b"")

    def reply(self, call_id: UUID, body: bytes) -> None:
        """Note the whole reply, before anything is done with it."""
        self._write(call_id, _REPLY, body)

    def forget(self, call_ids: Iterable[UUID]) -> None:
        """The database has these; when it has all, the space is used anew."""
        for each in call_ids:
            self._open.pop(each, None)
        if not self._open and self._end > self._area.start + _AREA_BYTES // 2:
            self._map[self._area.start : self._area.start + _HEADER.size] = bytes(_HEADER.size)
            self._end = self._area.start

    def traces(self) -> dict[UUID, Trace]:
        """What this process itself has noted and not forgotten, for a job that begins anew in it."""
        found: dict[UUID, Trace] = {}
        # Not by reading the whole file, which keeps many more of what is done with, while this process's requests wait.
        for call_id, (at, size) in self._open.items():
            _, _, kind = _HEADER.unpack_from(self._map, at)
            found[call_id] = Trace(call_id, self._map[at + _HEADER.size : at + size] if kind == _REPLY else None)
        return found

    def close(self) -> None:
        """Drop the journal when nothing is open; otherwise leave it for whoever reconciles."""
        self._map.close()
        if not self._open:
            self._path.unlink(missing_ok=True)
        os.close(self._file)

    def _write(self, call_id: UUID, kind: int, body: bytes) -> None:
        size = _HEADER.size + len(body)
        # The terminating empty header must fit too, so that stale bytes are never read as records.
        if self._end + size + _HEADER.size > self._area.stop:
            self._move(size)
        at = self._end
        self._map[at + size : at + size + _HEADER.size] = bytes(_HEADER.size)
        # Body first, header last: a record half written is no record.
        self._map[at + _HEADER.size : at + size] = body
        self._map[at : at + _HEADER.size] = _HEADER.pack(len(body), call_id.bytes, kind)
        self._end = at + size
        self._open[call_id] = (at, size)

    def _move(self, needed: int) -> None:
        """Go on in another area, with what is still open in front; readers see the old one until it is whole."""
        kept = {call_id: bytes(self._map[at : at + size]) for call_id, (at, size) in self._open.items()}
        area = self._other_area(sum(map(len, kept.values())) + needed + _HEADER.size)
        at = area.start
        for call_id, record in kept.items():
            self._map[at : at + len(record)] = record
            self._open[call_id] = (at, len(record))
            at += len(record)
        self._map[at : at + _HEADER.size] = bytes(_HEADER.size)
        self._map[_BOOT_BYTES:_HEAD_BYTES] = _START.pack(area.start)
        self._area, self._end = area, at

    def _other_area(self, needed: int) -> range:
        for each in self._areas:
            if each is not self._area and len(each) >= needed:
                return each
        added = range(len(self._map), len(self._map) + max(_AREA_BYTES, 2 * needed))
        self._map.resize(added.stop)
        self._areas.append(added)
        return added


def dead_journals(folder: Path) -> Iterator[tuple[str, dict[UUID, Trace] | None]]:
    """Each dead worker's id with its traces by call; None traces when the machine restarted since.

    The caller removes the file once the database has what it tells.
    """
    for path in sorted(folder.glob("*.journal")) if folder.is_dir() else []:
        try:
            file = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            continue
        try:
            content = path.read_bytes()
            yield path.stem, _read(content) if content.startswith(_boot_id()) else None
        finally:
            os.close(file)


def _read(content: bytes) -> dict[UUID, Trace]:
    traces: dict[UUID, Trace] = {}
    if len(content) < _HEAD_BYTES:
        return traces
    (at,) = _START.unpack_from(content, _BOOT_BYTES)
    while at + _HEADER.size <= len(content):
        length, raw_id, kind = _HEADER.unpack_from(content, at)
        if kind not in (_SENT, _REPLY):
            break
        call_id = UUID(bytes=raw_id)
        body = content[at + _HEADER.size : at + _HEADER.size + length]
        traces[call_id] = Trace(call_id, body if kind == _REPLY else None)
        at += _HEADER.size + length
    return traces


def _boot_id() -> bytes:
    text = _BOOT_ID.read_text() if _BOOT_ID.exists() else "no-boot-id"
    return text.strip().encode().ljust(_BOOT_BYTES)[:_BOOT_BYTES]
