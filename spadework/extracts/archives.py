"""Zip files before anything is unpacked: small enough, honest about their sizes, and not encrypted."""

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from spadework.extracts.errors import Protected, TooLarge, Unreadable

MAX_MEMBERS = 2_000
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_RATIO = 100
"""Bytes a member may unpack to for each packed byte, from ten megabytes on. OWASP ASVS 5.0, 5.2.3."""
_FREE_BYTES = 10 * 1024 * 1024
_PIECE_BYTES = 1024 * 1024
_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_PARTS = tuple(each.encode("utf-16-le") for each in ("EncryptedPackage", "EncryptionInfo"))
_DAMAGED = (
    "The file is damaged or is not what its name says. Open it in its own program, save it again, and add it anew."
)


def require_safe(path: Path) -> None:
    """Let a zip-based office file through that unpacks to a size we can hold.

    Every member is really unpacked once, piece by piece, because the sizes in the directory may lie.

    Raises:
        Protected: it needs a password. TooLarge: it is packed to become too large. Unreadable: it is damaged.
    """
    require_open(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_directory(members, path.stat().st_size)
            unpacked = 0
            for each in members:
                unpacked += _check_member(archive, each, MAX_UNPACKED_BYTES - unpacked)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise Unreadable(_DAMAGED) from error


def require_open(path: Path) -> None:
    """Let a file through that is not an office file encrypted with a password.

    Such a file is a compound file that holds the real one as a stream named EncryptedPackage. [MS-OFFCRYPTO] 2.3

    Raises:
        Protected: it is one.
    """
    with path.open("rb") as file:
        if file.read(8) != _COMPOUND_FILE:
            return
        before = b""
        while piece := file.read(_PIECE_BYTES):
            if any(each in before + piece for each in _ENCRYPTED_PARTS):
                raise protected()
            before = piece[-64:]


def protected() -> Protected:
    """The error for a file that opens only with a password."""
    return Protected("The file needs a password. Open it in its own program, save a copy without one, and add that.")


def damaged() -> Unreadable:
    """The error for a file that breaks off or makes no sense."""
    return Unreadable(_DAMAGED)


def _check_directory(members: list[zipfile.ZipInfo], size: int) -> None:
    if len(members) > MAX_MEMBERS:
        raise _too_large(f"it holds {len(members):,} parts, and at most {MAX_MEMBERS:,} are read")
    if sum(each.file_size for each in members) > MAX_UNPACKED_BYTES:
        raise _too_large(f"it unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB")
    at = 0
    for each in sorted(members, key=lambda member: member.header_offset):
        name = PurePosixPath(each.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or each.filename[1:2] == ":":
            raise Unreadable("The file names parts outside of itself, as no office program does. Save it again there.")
        if each.header_offset < at:
            raise _too_large("its parts lie over each other")
        at = each.header_offset + each.compress_size
        if each.flag_bits & 0x1:
            raise protected()
    if at > size:
        raise damaged()


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, allowed_bytes: int) -> int:
    size = 0
    with archive.open(member) as part:
        while piece := part.read(_PIECE_BYTES):
            size += len(piece)
            if size > allowed_bytes:
                raise _too_large(f"it unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB")
            if size > max(_FREE_BYTES, MAX_RATIO * member.compress_size):
                raise _too_large(f"a part of it unpacks to more than {MAX_RATIO} times its size")
    return size


def _too_large(why: str) -> TooLarge:
    return TooLarge(f"The file was not unpacked: {why}. Split it, or save its table as CSV.")
