"""The encoding of a text file, guessed from its first bytes; a person can always say another."""

import codecs
import re

from spadework.extracts.errors import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's mark does, so it comes first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = "äöüÄÖÜßéÉèÈàÀâêîôûëïçÇñÑáíóúÁÍÓÚìòùåÅæÆøØãõ€–—‘’“”…"
_CENTRAL = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰäöüßÄÖÜ€–—‘’“”…"
_LATIN = (("cp1252", _WESTERN), ("cp1250", _CENTRAL), ("mac_roman", _WESTERN), ("cp850", _WESTERN))
"""With the letters that each is used for; of equal guesses the first is taken."""
_IN_WORD = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]|[\x80-\xff](?=[A-Za-z])")


def guess_encoding(head: bytes, *, is_whole: bool) -> str:
    """One of `types.ENCODINGS` for a file that begins with `head`; `is_whole` says that nothing follows.

    Raises:
        Unreadable: the bytes are no text in any encoding we know.
    """
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if without_mark := _utf16_without_mark(head):
        return without_mark
    if head.count(b"\0") * 10 > len(head):
        raise Unreadable(
            "This is no text file: it is full of NUL bytes. Open it in its own program and save it as CSV."
        )
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head, final=is_whole)
        return "utf-8"
    except UnicodeDecodeError:
        return _legacy(head) if not is_mostly_utf8(head) else "utf-8"


def is_mostly_utf8(piece: bytes) -> bool:
    """Whether one broken byte stands among many good ones: then the rest must not be read as something else."""
    text = piece.decode("utf-8", "replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    return sum(1 for each in text if not each.isascii()) - broken > 10 * broken


def _utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 shows by a NUL in every other byte, since files are mostly ASCII."""
    piece = head[:4096]
    even, odd, half = piece[::2].count(0), piece[1::2].count(0), len(piece) // 2
    if half < 2:
        return None
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else None


def _legacy(head: bytes) -> str:
    """The encoding of a file from before Unicode."""
    high = [each for each in head if each >= 0x80]
    if found := _east_asian(head, len(high)):
        return found
    in_words = len(_IN_WORD.findall(head))
    if in_words < len(high) * 0.5:  # the letters themselves are high: no Latin script
        lower, upper = sum(each >= 0xE0 for each in high), sum(0xC0 <= each < 0xE0 for each in high)
        if lower + upper > 0.8 * len(high):
            return "cp1251" if lower >= upper else "koi8-r"
    best, _ = max(_LATIN, key=lambda each: _fit(head, *each))
    if best == "cp1252" and any(each in b"\x81\x8d\x8f\x90\x9d" for each in high):
        return "latin-1"  # the only one of the two that reads these bytes
    return best


def _fit(head: bytes, encoding: str, letters: str) -> int:
    """How well the text reads in an encoding: its usual letters less everything unusual."""
    text = head.decode(encoding, "replace")
    return sum(1 if each in letters else -1 for each in text if not each.isascii())


def _east_asian(head: bytes, high: int) -> str | None:
    for encoding, leads, share in (("shift_jis", range(0x81, 0x84), 0.15), ("gb18030", range(0xB0, 0xD8), 0.6)):
        try:
            text = codecs.getincrementaldecoder(encoding)("strict").decode(head)
        except UnicodeDecodeError:
            continue
        wide = [each for each in text if not each.isascii()]
        # Latin letters with accents can be read as pairs too, but hardly ever as pairs of two high bytes.
        if high < 1.3 * len(wide) or not wide:
            continue
        led = sum(each.encode(encoding)[0] in leads for each in wide)
        usual = sum("\u3000" <= each <= "\u30ff" or "\u4e00" <= each <= "\u9fff" for each in wide)
        if led >= share * len(wide) and usual >= 0.9 * len(wide):
            return encoding
    return None
