"""Text that a spreadsheet will not take for a formula, and file names that survive every browser; pure.

Sources: OWASP ASVS 5.0 1.2.10; RFC 6266 and RFC 5987 for the file name.
"""

import re
import unicodedata
from urllib.parse import quote

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?", re.ASCII)
_UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|]+')


def safe(text: str) -> str:
    """The text with a leading `'` where a spreadsheet would compute it; plain numbers stay numbers."""
    if not text.startswith(_STARTS) or _PLAIN_NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def attachment(name: str, extension: str) -> str:
    """The Content-Disposition that saves a file under that name, with an ASCII form for old clients."""
    cleaned = " ".join(_UNSAFE_IN_NAMES.sub(" ", name).split()).strip(" .")[:120] or "table"
    file_name = f"{cleaned}.{extension}"
    plain = unicodedata.normalize("NFKD", file_name).encode("ascii", "ignore").decode().strip(" ")
    if not plain or plain.startswith("."):
        plain = f"table.{extension}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
