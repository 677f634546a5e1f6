"""Company names without their legal form, and the key under which two spellings are one company; pure."""

import re
import unicodedata
from dataclasses import dataclass

from cleanco import basename

_LONGEST = 300
# Forms that the cleanco library leaves in place, as it looks at Latin suffixes only.
_BEFORE = re.compile(r"^(?:(?:株式会社|（株）|\(株\)|有限会社)\s*|(?:ООО|АО|ПАО|PT|AB)\s+)(?=\S)")
_AFTER = re.compile(r"\s*(?:株式会社|有限公司|股份有限公司|,?\s*N\.\s?A\.|\bTbk\.?)$")
_SHARE_CLASS = re.compile(r"\s*\((?:class|series)\s+[a-z]\)\s*$|\s+(?:class|series)\s+[a-c]$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A name as people say it, and the legal form that was taken off; the form is empty when there was none."""

    name: str
    legal_form: str


def clean_name(text: object) -> CompanyName | None:
    """A company's name without legal form and share class; None when there is no letter or digit in it.

    A name that is nothing but a legal form ("AG") stays as it is.
    """
    if not isinstance(text, str):
        return None
    whole = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text[:_LONGEST])).strip(" ,;")
    if not re.search(r"\w", whole):
        return None
    plain = _SHARE_CLASS.sub("", whole)
    plain = re.sub(r"^(.*\S) \((The)\)$", r"\2 \1", plain)
    # cleanco drops a closing bracket it finds at the end, so bracketed names pass it by.
    name = plain if plain.endswith(")") else str(basename(plain))
    for form in (_AFTER, _BEFORE):
        shorter = form.sub("", name).strip(" ,")
        name = shorter or name
    name = name.strip(" ,&-") or plain
    form_of = plain.replace(name, " ", 1) if name in plain else ""
    return CompanyName(name, re.sub(r"\s+", " ", form_of).strip(" ,"))


def match_key(text: str) -> str:
    """What two spellings of one company's name share: no legal form, accents, case, article or punctuation."""
    cleaned = clean_name(text)
    if cleaned is None:
        return ""
    plain = unicodedata.normalize("NFKD", cleaned.name).casefold().replace("&", " and ")
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    words = re.findall(r"[^\W_]+", plain)
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)
