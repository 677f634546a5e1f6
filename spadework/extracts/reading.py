"""Any file to its masked extracts: the registered extractors, asked in order; the first that supports it reads it."""

import logging
from collections.abc import Callable
from pathlib import Path

from spadework.extracts.csv_files import CsvExtractor
from spadework.extracts.errors import ExtractError, TooLarge, Unreadable, Unsupported
from spadework.extracts.extractor import Extractor, Request
from spadework.extracts.images import ImageExtractor
from spadework.extracts.pdf_files import PdfExtractor
from spadework.extracts.sheets import SheetExtractor
from spadework.extracts.types import FileExtract, choose_header
from spadework.extracts.word_files import WordExtractor

EXTRACTORS: tuple[Extractor, ...] = (
    CsvExtractor(),
    SheetExtractor(),
    PdfExtractor(),
    WordExtractor(),
    ImageExtractor(),
)
"""In the order in which they are asked."""

_log = logging.getLogger(__name__)


def find_extractor(filename: str, mime: str) -> Extractor:
    """The extractor for a file: by the ending of its name, else by its MIME type.

    The name goes first because browsers say what the system registered: on Windows with Excel a .csv is
    `application/vnd.ms-excel`.

    Raises:
        Unsupported: none reads it; the message lists what can be read.
    """
    for each in EXTRACTORS:
        if each.supports_name(filename):
            return each
    for each in EXTRACTORS:
        if each.supports(mime):
            return each
    if filename.lower().endswith(".doc"):
        raise Unsupported(f"{filename} is a Word file of the old kind. Save it as .docx and add it again.")
    known = ", ".join(each.label for each in EXTRACTORS)
    raise Unsupported(f"{filename} cannot be read. These kinds can: {known}. Save it as one of them and add it again.")


def extract(
    path: Path,
    *,
    filename: str,
    mime: str,
    seed: int,
    header: str = "auto",
    encoding: str | None = None,
    delimiter: str | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> list[FileExtract]:
    """What may be shown and, once approved, sent of a file: names as they are, every value masked.

    The same file and seed give the same extracts. `header` is auto, first_row or none; `encoding` and
    `delimiter` are guessed unless given. `on_progress` is told the share read, from 0 to 1.

    Raises:
        ExtractError: why the file cannot be read, and what to do about it.
    """
    request = Request(
        filename=filename, mime=mime, seed=seed, header=choose_header(header), encoding=encoding, delimiter=delimiter,
        on_progress=on_progress,
    )  # fmt: skip
    extractor = find_extractor(filename, mime)
    try:
        found = extractor.extract(path, request)
        return [FileExtract.from_json(each.to_json()) for each in found]
    except ExtractError:
        raise
    except MemoryError as error:
        raise TooLarge(f"{filename} needs more memory than there is. Split it into smaller files.") from error
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        # The door to parsers of hostile files: they fail in any way, the ones in Rust by a panic that is
        # no Exception. What they say may hold text of the file, so only its kind is logged.
        _log.warning("The %s extractor failed: %s", extractor.key, type(error).__name__)
        raise Unreadable(
            f"{filename} is damaged or is not what its name says. Open it in its own program, save it again, and add it anew."
        ) from error
