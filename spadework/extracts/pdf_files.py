"""PDF: how many pages and tables, and the masked text of the first and last pages."""

import re
from collections.abc import Sequence
from pathlib import Path

import pypdf
import pypdf.errors

from spadework.extracts import archives, notes
from spadework.extracts.errors import Protected, TooLarge
from spadework.extracts.extractor import Extractor, Request
from spadework.extracts.masking import mask
from spadework.extracts.types import FileExtract, cut

MAX_BYTES = 200 * 1024 * 1024
MAX_PAGES = 5_000
_PREVIEW_PAGES = 3
"""Pages shown from the beginning, and as many from the end."""
_PREVIEW_LINES = 40
"""Lines shown of one page."""
_TABLE_PAGES = 20
_COLUMN_GAP = re.compile(r" {2,}|\t")
_TABLE_LINES = 3


class PdfExtractor(Extractor):
    """Documents whose text can be selected; a scanned page has none, and is said to have none."""

    key = "pdf"
    label = "PDF"
    suffixes = (".pdf",)
    mime_types = ("application/pdf",)

    def extract(self, path: Path, request: Request) -> list[FileExtract]:
        """One extract of kind document; `tables` counts blocks of lines that stand in columns."""
        if path.stat().st_size > MAX_BYTES:
            raise TooLarge(
                f"The document is larger than {MAX_BYTES // 2**20} MiB. Split it, or print fewer pages of it."
            )
        try:
            with path.open("rb") as file:
                return [self._extract(pypdf.PdfReader(file, strict=False), request)]
        except pypdf.errors.LimitReachedError as error:
            raise TooLarge("A part of the document unpacks to too much. Print it to a new PDF and add that.") from error
        except (pypdf.errors.FileNotDecryptedError, pypdf.errors.WrongPasswordError) as error:
            raise archives.protected() from error
        except pypdf.errors.DependencyError as error:
            # AES needs a library that the browser's Python does not have, even where the password is blank.
            raise Protected(
                "The document is encrypted. Print it to a new PDF without a password and add that."
            ) from error
        except pypdf.errors.PyPdfError as error:
            raise archives.damaged() from error

    def _extract(self, reader: pypdf.PdfReader, request: Request) -> FileExtract:
        # A document without a user password opens with an empty one; only its owner's rights are locked.
        if reader.is_encrypted and not reader.decrypt(""):
            raise archives.protected()
        count = len(reader.pages)
        if count > MAX_PAGES:
            raise TooLarge(f"The document has {count:,} pages; at most {MAX_PAGES:,} are read. Split it.")
        shown = sorted({*range(min(count, _PREVIEW_PAGES)), *range(max(count - _PREVIEW_PAGES, 0), count)})
        read = sorted({*shown, *range(min(count, _TABLE_PAGES))})
        tables, preview = 0, []
        for done, no in enumerate(read, start=1):
            lines = _lines(reader.pages[no])
            tables += count_tables(lines)
            preview += [cut(mask(each)) for each in lines[:_PREVIEW_LINES]] if no in shown else []
            request.tell(done / len(read))
        said = [] if preview else [notes.NO_TEXT, notes.NO_OCR]
        said += [notes.with_number(notes.TABLE_PAGES, _TABLE_PAGES)] if count > len(read) else []
        return FileExtract(
            filename=request.filename, kind="document", format="pdf", page_count=count, tables=tables,
            preview=tuple(preview), notes=tuple(said) or None,
        )  # fmt: skip


def _lines(page: pypdf.PageObject) -> list[str]:
    text = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
    return [each.rstrip() for each in text.splitlines() if each.strip()]


def count_tables(lines: Sequence[str]) -> int:
    """Blocks of at least three lines that are cut into the same number of columns, two or more."""
    tables, run, width = 0, 0, 0
    for each in [*lines, ""]:
        columns = len(_COLUMN_GAP.split(each.strip()))
        if columns >= 2 and columns == width:
            run += 1
            tables += run == _TABLE_LINES
        else:
            run, width = 1, columns
    return tables
