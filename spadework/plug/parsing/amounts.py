"""Numbers, money, years and size bands out of the text people and encyclopedias write; pure and never raising."""

import re
from dataclasses import dataclass

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*"
_MAGNITUDES = {
    "thousand": 1e3, "k": 1e3, "million": 1e6, "millions": 1e6, "mm": 1e6, "mn": 1e6, "mln": 1e6,
    "mio": 1e6, "m": 1e6,
    "billion": 1e9, "billions": 1e9, "bn": 1e9, "bln": 1e9, "mrd": 1e9, "b": 1e9,
    "trillion": 1e12, "trillions": 1e12, "tn": 1e12, "t": 1e12,
}  # fmt: skip
_MAGNITUDE = "|".join(sorted(_MAGNITUDES, key=len, reverse=True))
_CODES = (
    "USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|HKD|SGD|TWD|CNY|RMB|KRW|INR|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RUB|BRL|MXN|"
    "ZAR|ILS|TRY|ARS|CLP|COP|AED|SAR|THB|IDR|MYR|PHP"
)
_SIGNS = {
    "US$": "USD", "U.S.$": "USD", "HK$": "HKD", "C$": "CAD", "CA$": "CAD", "CAN$": "CAD", "A$": "AUD",
    "AU$": "AUD", "NZ$": "NZD", "S$": "SGD", "NT$": "TWD", "R$": "BRL", "MX$": "MXN", "CN¥": "CNY",
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "₪": "ILS", "₺": "TRY", "zł": "PLN",
}  # fmt: skip
_WORDS = {
    "euro": "EUR", "euros": "EUR", "yen": "JPY", "pounds": "GBP", "dollars": "$", "us dollars": "USD",
    "united states dollar": "USD", "united states dollars": "USD", "swiss francs": "CHF", "rmb": "CNY",
    "yuan": "CNY", "kr": "kr", "sfr": "CHF",
}  # fmt: skip
_SIGN = "|".join(re.escape(each) for each in sorted([*_SIGNS, "$", "¥", "￥"], key=len, reverse=True))
_WORD = "|".join(sorted((re.escape(each) for each in _WORDS), key=len, reverse=True))
_MONEY = re.compile(
    rf"(?P<minus>(?<![\w)])[-−(]\s*)?(?:(?P<sign>{_SIGN})|\b(?P<before>{_CODES}|SFr|kr)\b\.?)?\s*"
    rf"(?P<after_sign>[-−]\s*)?(?P<number>{_NUMBER})\s*(?:kr\s+(?={_MAGNITUDE}))?"
    rf"(?:(?P<magnitude>{_MAGNITUDE})\b\.?)?(?:\s*(?:(?P<after>{_CODES}|{_WORD})\b|(?P<sign_after>{_SIGN})(?!\s*\d)))?",
    re.IGNORECASE,
)
# What one currency's bare mark means where: "$" in Sydney is no US dollar, "kr" has four meanings.
_DOLLARS = {
    "AU": "AUD", "CA": "CAD", "NZ": "NZD", "HK": "HKD", "SG": "SGD", "TW": "TWD", "MX": "MXN", "CL": "CLP",
    "CO": "COP", "AR": "ARS",
}  # fmt: skip
_CROWNS = {"SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK"}

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|march|april|june|july|august|"
    r"september|october|november|december)\.?"
)
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2}|2100)"
_DATE = re.compile(
    rf"\b(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\s*,?\s*(?P<y1>{_YEAR})|\d{{1,2}}\s+{_MONTH}\s*,?\s*(?P<y2>{_YEAR})"
    rf"|{_MONTH}\s*,?\s*(?P<y3>{_YEAR})|(?:\d{{1,2}}[./]){{1,2}}(?P<y4>{_YEAR})|(?P<y5>{_YEAR})-\d{{2}}(?:-\d{{2}})?"
    rf"|FY\s*(?P<y6>{_YEAR})|(?:in|end|of|since|year|fiscal)\s+(?P<y7>{_YEAR})(?=\s*[),]))"
    # A bare year counts only where it closes or opens a bracket: "(2024)", "(average, 2021)", "(2021/2022".
    rf"|(?<=[(\s])(?P<y8>(?:19|20)\d\d)(?=\s*[)/])|(?<=\()(?P<y9>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_WHOLE_FIGURE = re.compile(r"(?<!non-)(?<!non)\bconsolidated|\btotal\b|\bgroup\b|\bincluding subsidiaries", re.I)
_TOO_LONG = 20_000


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people or things; `at_most` is the upper end of a range. `year` is when it was so."""

    value: int
    at_most: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as stated. `usd` is set only when the text itself states US dollars; nothing is converted.

    `currency` is an ISO 4217 code, None when the text names none or its mark fits several.
    """

    amount: float
    currency: str | None = None
    usd: float | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A size range, ends included; `high` None means no upper end."""

    low: int
    high: int | None = None

    def holds(self, number: float) -> bool:
        """Whether the number lies inside."""
        return self.low <= number and (self.high is None or number <= self.high)


def parse_number(text: object) -> float | None:
    """The one plain number a text is, such as "1,234.5", "-3" or "1.234,56"; None for anything else."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    if isinstance(text, int | float):
        return float(text) if abs(text) < 1e300 else None
    match = re.fullmatch(rf"\s*([-+−])?\s*({_NUMBER}|\.\d+)([eE][-+]?\d{{1,3}})?\s*", text[:400])
    if not match:
        return None
    number = _to_float(match[2] + (match[3] or ""), groups_by_dot=False)
    return None if number is None else -number if match[1] in ("-", "−") else number


def parse_count(text: object) -> Count | None:
    """The head-count a text states; of several, the group's where one is labelled so, else the first.

    None for blank, negative, zero and number-free text: a company with 0 employees is an empty field.
    """
    if isinstance(text, int | float) and not isinstance(text, bool):
        return Count(int(text)) if 0 < text < 1e12 else None
    if not isinstance(text, str):
        return None
    text = text[:_TOO_LONG]
    dates = [(match.start(), _first_group(match)) for match in _DATE.finditer(text)]
    # Each date becomes blanks of its own length, so that positions still compare.
    rest = _DATE.sub(lambda match: " " * len(match[0]), text)
    found = [each for each in _counts(rest) if each[1].value > 0]
    if not found:
        return None
    labelled = len(found) > 1 and _WHOLE_FIGURE.search(text) is not None
    position, count = max(found, key=lambda each: each[1].value) if labelled else found[0]
    return Count(count.value, count.at_most, _year_after(position, dates))


def parse_money(text: object, *, country_code: str | None = None) -> Money | None:
    """The first amount a text states; a bare "$", "¥" or "kr" is read as in the country given.

    An amount in another currency keeps the US dollars that the text puts beside it.
    """
    if isinstance(text, int | float) and not isinstance(text, bool):
        return Money(float(text)) if abs(text) < 1e300 else None
    if not isinstance(text, str):
        return None
    text = text[:_TOO_LONG]
    dates = [(match.start(), _first_group(match)) for match in _DATE.finditer(text)]
    rest = _DATE.sub(lambda match: " " * len(match[0]), text)
    mentions = [each for each in _mentions(rest, country_code) if each[1] is not None or each[3]]
    if not mentions:
        mentions = [each for each in _mentions(rest, country_code) if each[2]][:1]
    if not mentions:
        return None
    position, currency, amount, _ = mentions[0]
    if amount is None:
        return None
    beside = next((each[2] for each in mentions[:2] if each[1] == "USD"), None)
    return Money(amount, currency, amount if currency == "USD" else beside, _year_after(position, dates))


def parse_year(text: object) -> int | None:
    """The first year between 1000 and 2100 in a text or number; None when there is none."""
    if isinstance(text, int) and not isinstance(text, bool):
        return text if 1000 <= text <= 2100 else None
    if not isinstance(text, str):
        return None
    match = re.search(rf"(?<!\d)(?<!\d[,.])({_YEAR})(?!\d)(?![,.]\d{{3}})", text[:_TOO_LONG])
    return int(match[1]) if match else None


def parse_band(text: object) -> Band | None:
    """A size band such as "51-200", "10,001+", "11-50 employees", "1k–5k", "under 50" or "200"."""
    if not isinstance(text, str):
        return None
    text = text[:400].strip().lower()
    number = rf"({_NUMBER})\s*(?:(k|m|thousand|million)\b)?"
    if match := re.search(rf"{number}\s*(?:-|–|—|\bto\b|\band\b)\s*{number}", text):
        low, high = _whole(match[1], match[2] or match[4]), _whole(match[3], match[4])
        return Band(low, high) if low is not None and high is not None and low <= high else None
    if match := re.search(number, text):
        low = _whole(match[1], match[2])
        if low is None:
            return None
        if re.search(r"<|\bunder\b|\bless\b|\bbelow\b|\bfewer\b|\bup to\b|\bat most\b", text):
            return Band(0, low if re.search(r"up to|at most|≤|<=", text) else max(low - 1, 0))
        if re.search(r"\+|>|\bover\b|\bmore\b|\babove\b|\bat least\b|\bfrom\b", text):
            return Band(low + 1 if re.search(r"(?<!=)>(?!=)|over|more than|above", text) else low)
        return Band(low, low)
    return None


def _counts(text: str) -> list[tuple[int, Count]]:
    pattern = rf"(?P<minus>(?<![\w)])[-−]\s*[$€£¥]?\s*)?(?P<number>{_NUMBER})(?:\s*(?P<magnitude>{_MAGNITUDE})\b)?"
    pattern += rf"(?P<to>\s*[-–—]\s*(?P<upper>{_NUMBER})(?!\s*%))?(?P<share>\s*%)?"
    found = []
    for match in re.finditer(pattern, text, re.IGNORECASE):
        value = _whole(match["number"], match["magnitude"])
        if value is None or match["minus"] or match["share"]:
            continue
        upper = _whole(match["upper"], None) if match["upper"] else None
        found.append((match.end(), Count(value, upper if upper and upper > value else None)))
    return found


def _mentions(text: str, country: str | None) -> list[tuple[int, str | None, float | None, bool]]:
    """Every amount: where it ends, its currency, its size, and whether a magnitude or mark shows it is money."""
    found: list[tuple[int, str | None, float | None, bool]] = []
    for match in _MONEY.finditer(text):
        mark = match["sign"] or match["before"] or match["after"] or match["sign_after"]
        magnitude = _MAGNITUDES.get((match["magnitude"] or "").lower(), 1.0)
        number = _to_float(match["number"], groups_by_dot=False)
        if number is None:
            continue
        closes = text[match.end() :].lstrip().startswith(")")
        is_negative = bool(match["after_sign"]) or (match["minus"] or "").strip() in ("-", "−")
        # Accountants write a loss in brackets, but a bracket also merely opens an aside.
        is_negative = is_negative or (bool(match["minus"]) and closes and text.strip().startswith("("))
        amount = round(min(number * magnitude, 1e300), 2)  # 8.104 * 1e9 is not 8104000000 in binary
        found.append(
            (
                match.end(),
                _currency(mark, country),
                -amount if is_negative else amount,
                bool(mark) or magnitude > 1,
            )
        )
    return found


def _currency(mark: str | None, country: str | None) -> str | None:
    if not mark:
        return None
    upper = mark.upper()
    if upper in _SIGNS or mark in _SIGNS:
        return _SIGNS.get(upper) or _SIGNS[mark]
    word = _WORDS.get(mark.lower(), upper)
    if word == "$":
        return _DOLLARS.get(country or "", "USD")
    if word in ("¥", "￥"):
        return "CNY" if country == "CN" else "JPY"
    if word.lower() == "kr":
        return _CROWNS.get(country or "")
    return "CNY" if word == "RMB" else word


def _to_float(text: str, *, groups_by_dot: bool) -> float | None:
    """The number of a text that holds only digits and separators; the last kind of separator is the decimal."""
    plain = re.sub(r"[ \u00a0\u202f]", "", text)
    mantissa, _, exponent = plain.lower().partition("e")
    if "," in mantissa and "." in mantissa:
        decimal = max(",.", key=mantissa.rfind)
        mantissa = mantissa.replace("." if decimal == "," else ",", "").replace(decimal, ".")
        if mantissa.count(".") > 1:
            return None
    elif mantissa.count(",") > 1 or re.fullmatch(r"[1-9]\d{0,2},\d{3}", mantissa):
        mantissa = mantissa.replace(",", "")
    elif mantissa.count(".") > 1 or (groups_by_dot and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", mantissa)):
        mantissa = mantissa.replace(".", "")
    else:
        mantissa = mantissa.replace(",", ".")
    try:
        number = float(f"{mantissa}e{exponent}" if exponent else mantissa)
    except ValueError:
        return None
    return number if number < 1e300 else None


def _whole(text: str | None, magnitude: str | None) -> int | None:
    if not text:
        return None
    # People come whole, so "140.000" can only be a hundred and forty thousand.
    number = _to_float(text, groups_by_dot=magnitude is None)
    if number is None:
        return None
    number *= _MAGNITUDES.get((magnitude or "").lower(), 1.0)
    return int(number) if number < 1e15 else None


def _first_group(match: re.Match[str]) -> int:
    return int(next(each for each in match.groups() if each))


def _year_after(position: int, dates: list[tuple[int, int]]) -> int | None:
    """The year stated next after a number; a single year before it counts too."""
    after = [year for start, year in dates if start >= position]
    if after:
        return after[0]
    return dates[0][1] if len(dates) == 1 else None
