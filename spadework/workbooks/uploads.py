"""Files people upload, kept in the home folder under names made here; read back in pieces of UTF-8."""

import codecs
import contextlib
import errno
import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from spadework.core.errors import LimitReached, NotFound, StorageFull
from spadework.core.ids import new_id
from spadework.workbooks.rules import csv_files
from spadework.workbooks.rules.csv_files import MAX_FILE_BYTES, Dialect, Header

PIECE_BYTES = 4 * 1024 * 1024
_KEPT_DAYS = 7
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file. `name` is what the person's machine called it; it is shown, never used as a path."""

    id: UUID
    path: Path
    name: str

    @property
    def size_bytes(self) -> int:
        """The file's size."""
        return self.path.stat().st_size


def folder(home: Path, account_id: UUID) -> Path:
    """Where an account's uploads lie; accounts never share a folder."""
    return home / "uploads" / str(account_id)


async def store(home: Path, account_id: UUID, pieces: AsyncIterator[bytes], *, name: str) -> Upload:
    """Keep a file as it arrives, in order; nothing is left behind when it cannot be kept whole.

    Raises:
        LimitReached: it is larger than 200 MB. StorageFull: the disk is full.
    """
    place = folder(home, account_id)
    upload_id = new_id()
    path = place / f"{upload_id}.csv"
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_old(place)
        await _write(path, pieces)
        path.with_suffix(".json").write_text(json.dumps({"name": name[:200]}))
    except OSError as error:
        _remove(path)
        if error.errno in _DISK_FULL:
            raise StorageFull(
                "The disk is full, so the file could not be kept. Make room and upload it again."
            ) from error
        raise
    except BaseException:
        _remove(path)
        raise
    return Upload(upload_id, path, name[:200])


def find(home: Path, account_id: UUID, upload_id: UUID) -> Upload:
    """The uploaded file.

    Raises:
        NotFound: it was never uploaded to this account, or its seven days are over.
    """
    path = folder(home, account_id) / f"{upload_id}.csv"
    if not path.is_file():
        raise NotFound("There is no such upload. Files are kept for seven days; upload it again.")
    note = path.with_suffix(".json")
    name = json.loads(note.read_text())["name"] if note.is_file() else "file.csv"
    return Upload(upload_id, path, name)


def remove(upload: Upload) -> None:
    """Forget the file; nothing happens when it is gone."""
    _remove(upload.path)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file turned out to be: how it is read, its header, and its beginning in UTF-8 without the header."""

    dialect: Dialect
    header: Header
    head: bytes
    is_whole: bool


def open_csv(upload: Upload) -> Opened:
    """The file's dialect, header and first rows; at most 2 MiB are read.

    Raises:
        InvalidInput, LimitReached: it is no usable CSV file; the message says why.
    """
    with upload.path.open("rb") as file:
        raw = file.read(csv_files.HEAD_BYTES)
        is_whole = not file.read(1)
    dialect = csv_files.guess_dialect(raw)
    decoder = _Transcoder(dialect)
    head = decoder.decode(raw[dialect.bom_bytes :], is_last=is_whole)
    header = csv_files.read_header(head, dialect, is_whole=is_whole)
    return Opened(dialect, header, head[header.size_bytes :], is_whole)


def read_pieces(upload: Upload, opened: Opened) -> Iterator[tuple[bytes, bool]]:
    """The file's content after the header in pieces of UTF-8, and whether each is the last."""
    decoder = _Transcoder(opened.dialect)
    to_skip = opened.header.size_bytes
    with upload.path.open("rb") as file:
        file.seek(opened.dialect.bom_bytes)
        piece = file.read(PIECE_BYTES)
        while True:
            following = file.read(PIECE_BYTES)
            content = decoder.decode(piece, is_last=not following)
            skipped, to_skip = content[to_skip:], max(0, to_skip - len(content))
            yield skipped, not following
            if not following:
                return
            piece = following


def count_lines(upload: Upload) -> int:
    """How many lines the file has at most: never fewer than its rows."""
    feeds = returns = pairs = 0
    with upload.path.open("rb") as file:
        last = b""
        while block := file.read(PIECE_BYTES):
            feeds += block.count(b"\n")
            pairs += last.endswith(b"\r") and block.startswith(b"\n")
            if b"\r" in block:  # looking for a pair takes longer than everything else here
                returns += block.count(b"\r")
                pairs += block.count(b"\r\n")
            last = block
    return feeds + returns - pairs + 1


class _Transcoder:
    """Turns the file's encoding into UTF-8; a broken character becomes bytes that are no UTF-8, so its row is seen."""

    def __init__(self, dialect: Dialect) -> None:
        errors = "surrogatepass" if dialect.encoding.startswith("utf-16") else "surrogateescape"
        self._decoder = None if dialect.encoding == "utf-8" else codecs.getincrementaldecoder(dialect.encoding)(errors)

    def decode(self, raw: bytes, *, is_last: bool) -> bytes:
        if self._decoder is None:
            return raw
        if is_last and len(raw) % 2 and isinstance(self._decoder, codecs.BufferedIncrementalDecoder):
            raw += b"\xdc"  # half a character at the end of UTF-16 becomes a broken one
        return self._decoder.decode(raw, is_last).encode("utf-8", "surrogatepass")


async def _write(path: Path, pieces: AsyncIterator[bytes]) -> None:
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        async for piece in pieces:
            size += len(piece)
            if size > MAX_FILE_BYTES:
                raise LimitReached(
                    f"The file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB. Split it and import the pieces."
                )
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    for each in (path, path.with_suffix(".json")):
        with contextlib.suppress(OSError):
            each.unlink()


def _remove_old(place: Path) -> None:
    for each in place.iterdir():
        with contextlib.suppress(OSError):
            if each.stat().st_mtime < time.time() - _KEPT_DAYS * 86_400:
                each.unlink()
