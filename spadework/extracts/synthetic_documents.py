"""Synthetic documents and pictures, written by hand so that no further library is needed in the browser."""

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from xml.sax.saxutils import escape

from spadework.extracts.synthetic_values import Column, values
from spadework.extracts.types import FileExtract

_MAX_PAGES = 30
_MAX_SIDE = 4_000
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def lines(extract: FileExtract, seed: int) -> list[str]:
    """Invented lines in the shape of the preview's; a few of any shape when there is no preview."""
    masks = [each.removesuffix("…") for each in extract.preview or ()] or ["Aaaaa aaaa aaa ##", "Aaa aaaa: ###.##"]
    return [values(Column(f"line {no}", (each,), 0.0), seed=seed, rows=1)[0] for no, each in enumerate(masks)]


def make_pdf(extract: FileExtract, seed: int) -> bytes:
    """A PDF of as many pages (thirty at most) with the lines spread over them."""
    count = min(max(extract.page_count or 1, 1), _MAX_PAGES)
    found = lines(extract, seed)
    per_page = -(-len(found) // count)
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>"]
    pages: list[int] = []
    for no in range(count):
        content = _page_content(found[no * per_page : (no + 1) * per_page])
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        pages.append(len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, b" ".join(b"%d 0 R" % each for each in pages))
    return _pdf_file(objects)


def _page_content(found: Sequence[str]) -> bytes:
    shown = b"".join(
        b"(%s) Tj T*\n" % "".join("\\" + each if each in "()\\" else each for each in line).encode("latin-1", "replace")
        for line in found
    )
    return b"BT /F1 9 Tf 11 TL 40 560 Td\n" + shown + b"ET"


def _pdf_file(objects: Sequence[bytes]) -> bytes:
    out, offsets = io.BytesIO(b""), []
    out.write(b"%PDF-1.4\n")
    for no, each in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (no, each))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % each for each in offsets))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


_WORD_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="word/document.xml" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
}


def make_docx(extract: FileExtract, seed: int) -> bytes:
    """A Word document with the lines as paragraphs, those that are headings styled so."""
    headings = set(extract.headings or ())
    found = zip(extract.preview or (), lines(extract, seed), strict=False)
    body = "".join(_paragraph(line, is_heading=mask in headings) for mask, line in found)
    document = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{body}</w:body></w:document>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**_WORD_PARTS, "word/document.xml": document}.items():
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return out.getvalue()


def _paragraph(line: str, *, is_heading: bool) -> str:
    style = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>' if is_heading else ""
    return f'<w:p>{style}<w:r><w:t xml:space="preserve">{escape(_NOT_IN_XML.sub(" ", line))}</w:t></w:r></w:p>'


def make_png(extract: FileExtract, seed: int) -> bytes:
    """A grey picture of the same size (4,000 pixels a side at most) with a little noise in its first row."""
    width, height = min(extract.width or 1, _MAX_SIDE), min(extract.height or 1, _MAX_SIDE)
    noise = bytes(random.Random(seed).randrange(256) for _ in range(width))  # noqa: S311 - repeatable, not secret
    rows = b"\0" + noise + (b"\0" + b"\x80" * width) * (height - 1)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )


def make_bmp(extract: FileExtract, seed: int) -> bytes:
    """A grey picture of the same size, 1,000 pixels a side at most, since this format packs nothing."""
    width, height = min(extract.width or 1, 1_000), min(extract.height or 1, 1_000)
    row = b"\x80\x80\x80" * width
    pixels = (row + b"\0" * (-len(row) % 4)) * height
    return (
        b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(pixels), 2835, 2835, 0, 0) + pixels
    )  # fmt: skip


def fixed_dates(archive: bytes) -> bytes:
    """The same zip file with the same date on each part and none in its properties, so that it can be compared."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.infolist():
            content = old.read(each)
            if each.filename == "docProps/core.xml":
                content = _CORE_PROPERTIES
            new.writestr(zipfile.ZipInfo(each.filename, _EARLIEST), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


_CORE_PROPERTIES = (
    b'<?xml version="1.0" encoding="UTF-8"?><cp:coreProperties '
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)

MAKERS: Mapping[str, Callable[[FileExtract, int], bytes]] = {
    "pdf": make_pdf, "docx": make_docx, "png": make_png, "bmp": make_bmp,
}  # fmt: skip
"""What can be made without a library, by format."""
