"""PDF, Word and pictures: how much, which headings, a masked preview, and never a place."""

import io
import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdf
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from spadework.extracts import notes
from spadework.extracts.errors import Protected, TooLarge, Unreadable
from spadework.extracts.masking import mask
from spadework.extracts.pdf_files import count_tables
from spadework.extracts.reading import extract
from spadework.extracts.types import FileExtract
from tests.extracts import making


def read(folder: Path, name: str, content: bytes, **chosen: Any) -> FileExtract:
    path = folder / name
    path.write_bytes(content)
    (found,) = extract(path, filename=name, mime="", **{"seed": 1, **chosen})
    return found


def pdf(pages: list[list[tuple[int, int, str]]]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    for page in pages:
        canvas.setFont("Courier", 10)
        for x, y, text in page:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


TABLE = [
    (x, 600 - 20 * row, f"{text}{row}")
    for row in range(5)
    for x, text in ((60, "Item "), (260, "Berlin "), (420, "12."))
]


# --- PDF -------------------------------------------------------------------------------------------


def test_a_pdf_gives_its_pages_tables_and_the_masked_first_and_last_three(tmp_path: Path) -> None:
    pages = [[(60, 700, f"Page {no} for Ana Berg")] for no in range(10)]
    pages[1] += TABLE
    found = read(tmp_path, "report.pdf", pdf(pages))
    assert (found.kind, found.format, found.page_count, found.tables, found.row_count) == ("document", "pdf", 10, 1, 0)
    shown = [each for each in found.preview or () if each.startswith("Aaaa")]
    assert shown[0] == "Aaaa # aaa Aaa Aaaa"
    assert sum(each == "Aaaa # aaa Aaa Aaaa" for each in shown) == 6


def test_a_pdf_without_text_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, "scan.pdf", pdf([[]]))
    assert (found.page_count, found.preview, found.notes) == (1, (), (notes.NO_TEXT, notes.NO_OCR))


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_with_a_password_says_so(tmp_path: Path, algorithm: str) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([[(60, 700, "Ana")]])))
    writer.encrypt("secret", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Protected, match="password"):
        read(tmp_path, "locked.pdf", out.getvalue())


def test_a_pdf_encrypted_as_the_browser_cannot_read_is_refused_with_the_way_out(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([[(60, 700, "Ana")]])))
    writer.encrypt("", owner_password="secret", algorithm="AES-256")
    writer.write(tmp_path / "aes.pdf")
    script = (
        "import sys; sys.modules['cryptography'] = sys.modules['Crypto'] = None;"  # as in the browser
        "from spadework.extracts.browser import extract_file;"
        "print(extract_file(sys.argv[1], 'aes.pdf', '', '{\"seed\": 1}'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "aes.pdf")], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["error"] == {
        "code": "protected",
        "message": "The document is encrypted. Print it to a new PDF without a password and add that.",
    }


def test_a_pdf_that_only_its_owner_may_change_is_read(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([[(60, 700, "Ana")]])))
    writer.encrypt("", owner_password="secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert read(tmp_path, "owned.pdf", out.getvalue()).preview == ("Aaa",)


def test_a_pdf_cut_short_or_twisted_is_read_or_refused(tmp_path: Path) -> None:
    whole = pdf([[(60, 700, "Ana Berg")], TABLE])
    for at in range(0, len(whole), 97):
        for content in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :]):
            try:
                found = read(tmp_path, "twisted.pdf", content)
            except (Unreadable, Protected, TooLarge):
                continue
            assert found.kind == "document"


@pytest.mark.parametrize(
    ("lines", "tables"),
    [
        ([], 0),
        (["one two three", "four five six", "seven eight"], 0),
        (["a   b", "c   d"], 0),
        (["a   b", "c   d", "e   f"], 1),
        (["a   b", "c   d", "e   f", "and so on", "g   h   i", "j   k   l", "m   n   o", "p   q   r"], 2),
    ],
)
def test_lines_in_the_same_number_of_columns_are_a_table(lines: list[str], tables: int) -> None:
    assert count_tables(lines) == tables


# --- Word ------------------------------------------------------------------------------------------


def test_a_word_document_gives_its_headings_tables_pages_and_masked_beginning(tmp_path: Path) -> None:
    styles = '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
    body = (
        making.paragraph("Contract with Ana", style="Heading1") + making.paragraph("Due 2024-01-05")
        + making.paragraph("Anhang A", style="berschrift1") + making.paragraph("")
        + f"<w:tbl><w:tr><w:tc>{making.paragraph('Oslo')}<w:tbl/></w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    found = read(tmp_path, "contract.docx", making.docx(body, styles=styles, pages="12"))
    assert found.to_json() == {
        "filename": "contract.docx", "columns": [], "sample_rows": [], "row_count": 0, "kind": "document", "format": "docx",
        "page_count": 12, "tables": 1, "headings": ["Aaaaaaaa aaaa Aaa", "Aaaaaa A"],
        "preview": ["Aaaaaaaa aaaa Aaa", "Aaa ####-##-##", "Aaaaaa A", "Aaaa"],
    }  # fmt: skip


def test_a_word_document_that_declares_entities_is_refused_before_they_unfold(tmp_path: Path) -> None:
    lol = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(Unreadable, match="declares entities"):
        read(tmp_path, "laugh.docx", making.docx(making.paragraph("&b;"), before=lol))


def test_a_word_document_that_names_another_file_gets_nothing_of_it(tmp_path: Path) -> None:
    outside = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    with pytest.raises(Unreadable, match="declares entities"):
        read(tmp_path, "outside.docx", making.docx(making.paragraph("&x;"), before=outside))


@pytest.mark.parametrize(
    "content", [b"", b"PK\3\4", b"hello", making.zipped({"a.txt": b"x"}), making.docx("<w:p>")]
)  # fmt: skip
def test_what_is_no_word_document_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match="Open it in its own program"):
        read(tmp_path, "note.docx", content)


def test_a_word_document_with_a_password_says_so(tmp_path: Path) -> None:
    with pytest.raises(Protected, match="needs a password"):
        read(tmp_path, "locked.docx", making.encrypted_workbook())


def test_a_long_word_document_is_shown_by_its_beginning(tmp_path: Path) -> None:
    body = "".join(making.paragraph(f"Line {no} " + "x" * 3_000, style="Title") for no in range(500))
    found = read(tmp_path, "long.docx", making.docx(body))
    assert (len(found.headings or ()), len(found.preview or ())) == (200, 60)
    assert {len(each) for each in found.preview or ()} == {1_000}


# --- pictures --------------------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 320, 200, 8, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "content", "form", "size"),
    [
        ("a.png", PNG, "png", (320, 200)),
        ("a.gif", b"GIF89a" + struct.pack("<HH", 30, 20) + bytes(30), "gif", (30, 20)),
        ("a.bmp", b"BM" + struct.pack("<IHHIIiiHH", 0, 0, 0, 54, 40, 31, 21, 1, 24) + bytes(30), "bmp", (31, 21)),
        ("a.jpg", making.jpeg_with_exif({}, place=False), "jpeg", (640, 480)),
    ],
)
def test_a_picture_gives_its_format_and_size(
    tmp_path: Path, name: str, content: bytes, form: str, size: tuple[int, int]
) -> None:
    found = read(tmp_path, name, content)
    assert (found.kind, found.format, (found.width, found.height)) == ("image", form, size)
    assert found.notes == (notes.NO_OCR,)


def test_camera_fields_are_masked_and_the_place_and_the_photographer_never_come(tmp_path: Path) -> None:
    fields = {0x010F: "Fuji 3", 0x0132: "2024:01:05 10:00:00", 0x013B: "Ana Berg", 0x010E: "My house", 0x8298: "Ana"}
    found = read(tmp_path, "a.jpg", making.jpeg_with_exif(fields, place=True))
    assert found.exif == {"Make": mask("Fuji 3"), "DateTime": "####:##:## ##:##:##"}
    assert found.notes == (notes.NO_OCR, notes.PLACES_LEFT_OUT)


@pytest.mark.parametrize("content", [b"", b"hello", PNG[:20], b"\xff\xd8\xff\xe1\x00\x05", b"RIFF1234WEBP", b"II*\0"])
def test_a_damaged_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match="damaged"):
        read(tmp_path, "a.png", content)


def test_a_picture_twisted_anywhere_is_read_or_refused(tmp_path: Path) -> None:
    whole = making.jpeg_with_exif({0x010F: "Fuji 3", 0x0110: "X"}, place=True)
    for at in range(len(whole)):
        try:
            found = read(tmp_path, "a.jpg", whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        except (Unreadable, TooLarge):
            continue
        assert found.kind == "image"
