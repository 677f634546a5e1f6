"""Files for the tests, made by hand where no library writes them: old workbooks, encrypted ones, bombs."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams, each padded past the size that would need a mini stream. [MS-CFB]"""
    contents = [content.ljust(-(-max(len(content), 4096) // 512) * 512, b"\0") for content in streams.values()]
    fat, sectors, starts = [_FAT, _END], [], []
    for each in contents:
        starts.append(len(fat))
        count = len(each) // 512
        fat += [*range(len(fat) + 1, len(fat) + count), _END]
        sectors.append(each)
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    for no, (name, each) in enumerate(zip(streams, contents, strict=True), start=1):
        entries.append(_entry(name, 2, starts[no - 1], len(each), right=no + 1 if no < len(streams) else _FREE))
    directory = b"".join(entries).ljust(512, b"\0")
    assert len(directory) == 512 and len(fat) <= 128, "one sector each is enough for the tests"
    header = (
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
        + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<I", 0)
    )  # fmt: skip
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    return header.ljust(512, b"\xff") + table + directory + b"".join(sectors)


def _entry(name: str, kind: int, start: int, size: int, *, right: int = _FREE, child: int = _FREE) -> bytes:
    text = name.encode("utf-16-le")
    return (
        text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1) + struct.pack("<III", _FREE, right, child)
        + bytes(36) + struct.pack("<IQ", start, size)
    )  # fmt: skip


def xls(rows: Sequence[Sequence[str | float]], *, is_protected: bool = False) -> bytes:
    """A workbook of Excel 97 with one sheet; `is_protected` puts the record there that says it is encrypted."""
    name = b"Old"
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", at, column, 0)
            if isinstance(value, str):
                text = value.encode("utf-16-le")
                sheet += _record(0x0204, place + struct.pack("<HB", len(value), 1) + text)
            else:
                sheet += _record(0x0203, place + struct.pack("<d", value))
    sheet += _record(0x000A, b"")
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    if is_protected:
        start += _record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48))
    bound = struct.pack("<IBBBB", 0, 0, 0, len(name), 0) + name
    at = len(start) + len(_record(0x0085, bound)) + 4
    globals_ = start + _record(0x0085, struct.pack("<I", at) + bound[4:]) + _record(0x000A, b"")
    return compound_file({"Workbook": globals_ + sheet})


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def encrypted_workbook() -> bytes:
    """What Excel writes for a workbook with a password: the real file is one stream, and unreadable."""
    return compound_file(
        {"EncryptionInfo": b"\4\0\4\0@\0\0\0<encryption/>", "EncryptedPackage": bytes(range(256)) * 20}
    )


def xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """A workbook with these sheets, from these rows."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)
    return path


def docx(body: str, *, styles: str = "", pages: str = "", before: str = "") -> bytes:
    """A Word document with this body; `before` stands between the declaration and the first element."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    parts = {
        "word/document.xml": f'<?xml version="1.0"?>{before}<w:document {space}><w:body>{body}</w:body></w:document>'.encode(),
        "word/styles.xml": f'<?xml version="1.0"?><w:styles {space}>{styles}</w:styles>'.encode(),
        "docProps/app.xml": f'<?xml version="1.0"?><Properties xmlns="urn:p"><Pages>{pages}</Pages></Properties>'.encode(),
    }
    return zipped(parts)


def paragraph(text: str, *, style: str = "") -> str:
    """One paragraph of a Word document."""
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{named}<w:r><w:t>{text}</w:t></w:r></w:p>"


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A zip file with these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def replace_part(path: Path, name: str, content: bytes) -> None:
    """Put other content into one part of a zip file."""
    with zipfile.ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    path.write_bytes(zipped(parts | {name: content}))


def lying_zip(name: str, content: bytes, *, said_bytes: int) -> bytes:
    """A zip file whose directory says a smaller size than its one part unpacks to."""
    honest = zipped({name: content})
    size, lie = struct.pack("<I", len(content)), struct.pack("<I", said_bytes)
    return honest.replace(size, lie)


def overlapped_zip(parts: int, content: bytes) -> bytes:
    """A zip file in which many names lead to the same packed bytes. Fifield 2019, *A better zip bomb*."""
    packed = zlib.compress(content, 9, -15)
    check = zlib.crc32(content)
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 33, check, len(packed), len(content), 1, 0) + b"a"
    directory = b"".join(
        struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 33, check, len(packed), len(content), 1, 0, 0, 0, 0, 0, 0
        )
        + b"a"
        for _ in range(parts)
    )
    body = local + packed
    return body + directory + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, parts, parts, len(directory), len(body), 0)


def jpeg_with_exif(fields: Mapping[int, str], *, place: bool) -> bytes:
    """A JPEG of 640 × 480 with these camera fields and, if asked, a place in them. [Exif 2.32]"""
    count = len(fields) + place
    at = 8 + 2 + 12 * count + 4
    entries, texts = b"", b""
    for tag, text in sorted(fields.items()):
        content = text.encode() + b"\0"
        entries += struct.pack("<HHII", tag, 2, len(content), at + len(texts))
        texts += content
    gps = b""
    if place:
        entries += struct.pack("<HHII", 0x8825, 4, 1, at + len(texts))
        start = at + len(texts) + 2 + 24 + 4
        gps = struct.pack("<H", 2) + struct.pack("<HHI4s", 1, 2, 2, b"N\0\0\0") + struct.pack("<HHII", 2, 5, 3, start)
        gps += struct.pack("<I", 0) + struct.pack("<6I", 52, 1, 31, 1, 7, 1)
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", count) + entries + struct.pack("<I", 0) + texts + gps
    exif = b"Exif\0\0" + tiff
    frame = struct.pack(">BHHB", 8, 480, 640, 3) + bytes(9)
    return (
        b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
        + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"
    )  # fmt: skip
