"""Word documents (DOCX): headings, tables and the beginning, masked; read with a parser that follows no entity."""

import zipfile
from pathlib import Path
from xml.parsers import expat

from spadework.extracts import archives
from spadework.extracts.errors import Unreadable
from spadework.extracts.extractor import Extractor, Request
from spadework.extracts.masking import mask
from spadework.extracts.types import FileExtract, cut

_DOCUMENT = "word/document.xml"
_STYLES = "word/styles.xml"
_PROPERTIES = "docProps/app.xml"
_PREVIEW_LINES = 60
_MAX_HEADINGS = 200
_PIECE_BYTES = 64 * 1024


class WordExtractor(Extractor):
    """What Word 2007 and later write; an older .doc has to be saved anew."""

    key = "word"
    label = "Word document"
    suffixes = (".docx",)
    mime_types = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)

    def extract(self, path: Path, request: Request) -> list[FileExtract]:
        """One extract of kind document; pages as Word counted them when it saved, if it did."""
        archives.require_safe(path)
        try:
            with zipfile.ZipFile(path) as archive:
                names = set(archive.namelist())
                if _DOCUMENT not in names:
                    raise Unreadable(
                        "The file holds no Word document. Open it in its own program and save it as .docx."
                    )
                styles = _Styles()
                if _STYLES in names:
                    _parse(archive, _STYLES, styles)
                body = _Body(styles.headings)
                _parse(archive, _DOCUMENT, body)
                pages = _Pages()
                if _PROPERTIES in names:
                    _parse(archive, _PROPERTIES, pages)
        except (zipfile.BadZipFile, expat.ExpatError, UnicodeDecodeError) as error:
            raise archives.damaged() from error
        request.tell(1.0)
        return [
            FileExtract(
                filename=request.filename, kind="document", format="docx", page_count=pages.count, tables=body.tables,
                headings=tuple(body.headings), preview=tuple(body.preview),
            )
        ]  # fmt: skip


class _Listener:
    """Hears the parts of one XML file, by their names without a namespace."""

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def ends(self, name: str) -> None:
        """An element ends."""

    def says(self, text: str) -> None:
        """Text stands here."""


def _parse(archive: zipfile.ZipFile, name: str, listener: _Listener) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda element, attributes: listener.begins(
        _local(element), {_local(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda element: listener.ends(_local(element))
    parser.CharacterDataHandler = listener.says
    with archive.open(name) as part:
        while piece := part.read(_PIECE_BYTES):
            parser.Parse(piece, False)
        parser.Parse(b"", True)


def _refuse(*_: object) -> None:
    # Entities are declared there: a few lines of them can unfold to gigabytes, or name other files.
    raise Unreadable("The document declares entities, as no word processor does. Save it again in one.")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


class _Styles(_Listener):
    """Which styles are headings: their names are English in every language of Word, their ids are not."""

    def __init__(self) -> None:
        self.headings = {f"Heading{no}" for no in range(1, 10)} | {"Title"}
        self._style = ""

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        if name == "style":
            self._style = attributes.get("styleId", "")
        elif name == "name" and attributes.get("val", "").lower().startswith(("heading ", "title")):
            self.headings.add(self._style)


class _Body(_Listener):
    """Paragraphs and tables of the document."""

    def __init__(self, heading_styles: set[str]) -> None:
        self.headings: list[str] = []
        self.preview: list[str] = []
        self.tables = 0
        self._heading_styles = heading_styles
        self._is_heading = self._is_text = False
        self._depth = 0
        self._text: list[str] = []
        self._length = 0

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        if name == "p":
            self._text, self._length, self._is_heading = [], 0, False
        elif name == "pStyle":
            self._is_heading = attributes.get("val", "") in self._heading_styles
        elif name == "t":
            self._is_text = True
        elif name in {"tab", "br"}:
            self._text.append(" ")
        elif name == "tbl":
            self.tables += self._depth == 0
            self._depth += 1

    def ends(self, name: str) -> None:
        if name == "t":
            self._is_text = False
        elif name == "tbl":
            self._depth -= 1
        elif name == "p":
            self._keep()

    def says(self, text: str) -> None:
        if self._is_text and self._length < 5_000:
            self._text.append(text)
            self._length += len(text)

    def _keep(self) -> None:
        line = "".join(self._text).strip()
        self._text = []
        if not line:
            return
        if self._is_heading and len(self.headings) < _MAX_HEADINGS:
            self.headings.append(cut(mask(line)))
        if len(self.preview) < _PREVIEW_LINES:
            self.preview.append(cut(mask(line)))


class _Pages(_Listener):
    """The number of pages; None when the file does not say."""

    def __init__(self) -> None:
        self.count: int | None = None
        self._is_here = False
        self._digits = ""

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        self._is_here = name == "Pages"

    def says(self, text: str) -> None:
        self._digits += text[:9] if self._is_here else ""

    def ends(self, name: str) -> None:
        if name == "Pages" and self._digits.isascii() and self._digits.isdigit() and len(self._digits) < 7:
            self.count = int(self._digits)
        self._is_here = False
