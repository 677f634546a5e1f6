"""A dossier as PDF: the same paragraphs as the other exports, set for paper; pure.

Letters are Noto Serif's (Latin, Greek, Cyrillic); where a text needs others the document says so. Imported
only when a PDF is asked for, because the libraries take a quarter of a second and 30 MB.
"""

from collections.abc import Sequence
from importlib import resources
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

_FONT, _ITALIC = "NotoSerif", "NotoSerif-Italic"
_AMBER, _GREY = "#8a3f05", "#66645c"
_BODY = ParagraphStyle("body", fontName=_FONT, fontSize=10, leading=15, spaceAfter=5)
_TITLE = ParagraphStyle("title", parent=_BODY, fontSize=20, leading=25)
_SECTION = ParagraphStyle("section", parent=_BODY, fontSize=14, leading=19, spaceBefore=14, keepWithNext=1)
_LABEL = ParagraphStyle("label", parent=_BODY, fontSize=9, textColor=HexColor(_GREY), keepWithNext=1, spaceAfter=0)
_META = ParagraphStyle("meta", parent=_BODY, textColor=HexColor(_GREY))
_WARNING = ParagraphStyle("warning", parent=_BODY, textColor=HexColor(_AMBER), borderColor=HexColor(_AMBER), borderWidth=1, borderPadding=5)  # fmt: skip
_QUOTE = ParagraphStyle("quote", parent=_BODY, fontName=_ITALIC, fontSize=9, leading=13, leftIndent=5 * mm)


class Page:
    """A document being set: what is added is plain text, and nothing in it can become markup.

    `lacks_letters` becomes true with the first character that the font cannot show.
    """

    def __init__(self, title: str) -> None:
        self._font = _register()
        self._title = title
        self._flow: list[Any] = []
        self.lacks_letters = False

    def title(self, text: str, subtitle: str) -> None:
        """The document's heading."""
        self._add(self._text(text), _TITLE)
        self._add(self._text(subtitle), _META)

    def warning(self, text: str) -> None:
        """A framed sentence nobody should miss."""
        self._add(self._text(text), _WARNING)

    def section(self, text: str) -> None:
        """The heading of a section."""
        self._add(self._text(text), _SECTION)

    def paragraph(self, label: str, sentences: Sequence[tuple[str, Sequence[int], str | None]]) -> None:
        """A field's sentences: text, the numbers of its claims, and what is wrong with it."""
        if label:
            self._add(self._text(label), _LABEL)
        self._add(" ".join(self._sentence(*each) for each in sentences), _BODY)

    def claim(self, number: int, text: str, quotes: Sequence[tuple[str, str, str | None]]) -> None:
        """A claim with its quotes: words, source, and the source's address."""
        self._add(f'<a name="claim-{number}"/>{number}. {self._text(text)}', _BODY)
        for words, source, url in quotes:
            name = self._text(source)
            link = f"<a href={quoteattr(url)}>{name}</a>" if url else name
            self._add(f"“{self._text(words)}” {link}", _QUOTE)

    def to_bytes(self) -> bytes:
        """The finished PDF; the same content gives the same bytes."""
        if self.lacks_letters:
            note = (
                "Some letters of this dossier are not in the font of this PDF and show as boxes. Use the HTML export."
            )
            self._flow.insert(min(2, len(self._flow)), Paragraph(note, _WARNING))
        out = BytesIO()
        template = SimpleDocTemplate(
            out, pagesize=A4, title=self._title, author="Spadework", invariant=1,
            leftMargin=22 * mm, rightMargin=22 * mm, topMargin=20 * mm, bottomMargin=20 * mm,
        )  # fmt: skip
        template.build(self._flow, onFirstPage=_number_page, onLaterPages=_number_page)
        return out.getvalue()

    def _sentence(self, text: str, claims: Sequence[int], problem: str | None) -> str:
        marks = " ".join(f'<a href="#claim-{each}">{each}</a>' for each in claims)
        said = self._text(text) + (f'<super size="7"><font color="{_GREY}"> {marks}</font></super>' if marks else "")
        if problem is None:
            return said
        return f'<font color="{_AMBER}">{said} (not supported: {self._text(problem)})</font>'

    def _text(self, text: str) -> str:
        self.lacks_letters = self.lacks_letters or any(
            ord(each) not in self._font for each in text if each.isprintable()
        )
        return escape(" ".join(text.split()))

    def _add(self, markup: str, style: ParagraphStyle) -> None:
        self._flow.append(Paragraph(markup, style))


def _register() -> Any:
    """The font, registered once for the process; what it can show by code point."""
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        folder = resources.files("fontpkg_noto_serif") / "files"
        for name, file in ((_FONT, "NotoSerif[wdth,wght].ttf"), (_ITALIC, "NotoSerif-Italic[wdth,wght].ttf")):
            with resources.as_file(folder / file) as path:
                pdfmetrics.registerFont(TTFont(name, str(path)))
    return pdfmetrics.getFont(_FONT).face.charToGlyph


def _number_page(canvas: Any, template: Any) -> None:
    canvas.setFont(_FONT, 8)
    canvas.drawRightString(template.pagesize[0] - 22 * mm, 12 * mm, str(canvas.getPageNumber()))
