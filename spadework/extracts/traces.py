"""What may be told about a script that failed: a known kind of error, the line of the script, a masked message."""

import traceback
from typing import Any

from spadework.extracts.masking import mask

MAX_MESSAGE = 500
"""Characters of a message that are kept."""

_BUILTIN_LIST = """
ArithmeticError AssertionError AttributeError BlockingIOError BrokenPipeError BufferError ChildProcessError
ConnectionError EOFError Exception FileExistsError FileNotFoundError FloatingPointError ImportError IndentationError
IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError
NameError NotADirectoryError NotImplementedError OSError OverflowError PermissionError ProcessLookupError
RecursionError ReferenceError RuntimeError StopIteration SyntaxError SystemError SystemExit TabError TimeoutError
TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError ValueError
ZeroDivisionError
"""
_BUILTIN = frozenset(_BUILTIN_LIST.split())
_OF_LIBRARIES = {
    "_csv": ("Error",),
    "csv": ("Error",),
    "json.decoder": ("JSONDecodeError",),
    "decimal": ("DecimalException", "InvalidOperation", "DivisionByZero", "ConversionSyntax"),
    "sqlite3": ("Error", "DatabaseError", "IntegrityError", "OperationalError", "ProgrammingError", "DataError"),
    "zipfile": ("BadZipFile", "LargeZipFile"),
    "statistics": ("StatisticsError",),
    "binascii": ("Error",),
    "python_calamine": (
        "CalamineError", "PasswordError", "WorksheetNotFound", "XmlError", "ZipError", "WorkbookClosed",
    ),
    "openpyxl.utils.exceptions": (
        "CellCoordinatesException", "IllegalCharacterError", "InvalidFileException", "NamedRangeException",
        "ReadOnlyWorkbookException", "SheetTitleException", "WorkbookAlreadySaved",
    ),
    "pypdf.errors": ("PyPdfError", "PdfReadError", "PdfStreamError", "FileNotDecryptedError", "EmptyFileError"),
    "pandas.errors": (
        "EmptyDataError", "MergeError", "ParserError", "OutOfBoundsDatetime", "IntCastingNaNError", "InvalidIndexError",
    ),
    "polars.exceptions": (
        "PolarsError", "ColumnNotFoundError", "ComputeError", "DuplicateError", "InvalidOperationError", "NoDataError",
        "SchemaError", "SchemaFieldNotFoundError", "ShapeError", "OutOfBoundsError", "StringCacheMismatchError",
    ),
}  # fmt: skip

EXCEPTION_NAMES = _BUILTIN | {
    name if name != "Error" else f"{module.lstrip('_')}.Error"
    for module, names in _OF_LIBRARIES.items()
    for name in names
}
"""The names an error may be reported by; a script can name a class of its own after a customer."""


def mask_failure(exception: BaseException, script_filename: str) -> dict[str, Any]:
    """The part of an error that may leave: `{"exception", "line", "message"}`.

    `exception` is the nearest class of it on the list. `line` is the last line of the script that was
    being run, or that cannot be compiled; None when the error came from elsewhere. `message` is masked
    whole, for it often quotes a value.
    """
    return {
        "exception": _name(exception),
        "line": _line(exception, script_filename),
        "message": mask_message(_message(exception)),
    }


def mask_message(text: str) -> str:
    """The shape of a message, cut to what is kept; `is_masked` holds for it."""
    masked = mask(text[: 2 * MAX_MESSAGE])
    return masked if len(masked) <= MAX_MESSAGE else masked[: MAX_MESSAGE - 1] + "…"


def _name(exception: BaseException) -> str:
    for each in type(exception).__mro__:
        module, name = str(each.__module__), str(each.__name__)
        if module == "builtins" and name in _BUILTIN:
            return name
        if name in _OF_LIBRARIES.get(module, ()):
            return f"{module.lstrip('_')}.Error" if name == "Error" else name
    return "Exception"


def _line(exception: BaseException, script_filename: str) -> int | None:
    if isinstance(exception, SyntaxError) and exception.filename == script_filename:
        return exception.lineno
    lines = [
        line
        for frame, line in traceback.walk_tb(exception.__traceback__)
        if frame.f_code.co_filename == script_filename
    ]
    return lines[-1] if lines else None


def _message(exception: BaseException) -> str:
    try:
        text = str(exception)
    except BaseException:  # noqa: BLE001,RUF100 - a script's own class may do anything when it is shown
        return ""
    return str.__getitem__(text, slice(2 * MAX_MESSAGE))  # a plain str, whatever class of str the script gave
