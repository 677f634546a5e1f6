"""The fixed sentences an extract may carry about its file; numbers are filled in, text of the file never."""

import re
from collections.abc import Sequence

MAX_NOTES = 20

NO_OCR = "Text inside pictures is not read."
NO_TEXT = "The pages hold no text that can be read; they are probably pictures."
BROKEN_BYTES = "Some bytes do not belong to the encoding; they are read as U+FFFD."
CUT_VALUES = "Long values are cut to 1,000 characters."
BLANK_NAMES = "Columns without a name are numbered."
REPEATED_NAMES = "Columns of the same name are told apart by a number."
SPACED_NAMES = "Some names of columns stand between spaces in the file."
SEPARATOR_LINE = "The file begins with a line that names its delimiter."
HIDDEN_SHEET = "This sheet is hidden in the workbook."
EMPTY_SHEETS = "Empty sheets are left out: {n}."
UNEVEN_ROWS = "Rows with more or fewer values than there are columns: {n}."
HEADER_ROW = "The names of the columns stand on row {n}."
TABLE_PAGES = "Tables were looked for on the first {n} pages only."
PLACES_LEFT_OUT = "The place where the picture was taken is left out."
BLANK_ROWS = "Blank rows are not counted: {n}."

_SENTENCES = frozenset(
    {
        NO_OCR, NO_TEXT, BROKEN_BYTES, CUT_VALUES, BLANK_NAMES, REPEATED_NAMES, SPACED_NAMES, SEPARATOR_LINE,
        HIDDEN_SHEET, EMPTY_SHEETS, UNEVEN_ROWS, HEADER_ROW, TABLE_PAGES, PLACES_LEFT_OUT, BLANK_ROWS,
    }
)  # fmt: skip
_NUMBER = re.compile(r"\b[0-9]{1,12}\b")


def with_number(sentence: str, number: int) -> str:
    """The sentence with its number in place."""
    return sentence.format(n=number)


def header_row(said: Sequence[str]) -> int:
    """The row that the notes say the names stand on, from 1; 1 when they do not say."""
    rows = (re.fullmatch(HEADER_ROW.replace("{n}", "([0-9]{1,12})"), each) for each in said)
    return next((int(each[1]) for each in rows if each), 1)


def is_note(text: str) -> bool:
    """Whether the text is one of our sentences, so that nothing of a file can travel as a note."""
    if "{" in text:
        return False
    return text in _SENTENCES or _NUMBER.sub("{n}", text, count=1) in _SENTENCES
