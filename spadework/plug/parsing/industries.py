"""Whether a company's industry labels mean the industry somebody asked for; whole words, never letters."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# What people type, and the labels that mean the same in the sources we have seen. Small on purpose: a word
# that is not here is looked for as it stands.
_SYNONYMS = {
    "software": "software|saas|software as a service|cloud computing|cybersecurity|cyber security|computer security|"
    "network security|internet security|unterhaltungssoftware",
    "saas": "saas|software as a service|cloud computing|enterprise software|application software",
    "cybersecurity": "cybersecurity|cyber security|computer security|network security|internet security|cloud security",
    "semiconductor": "semiconductor|integrated circuit|chipmaker",
    "internet": "internet|online|e-commerce|ecommerce|social media|social network|web hosting",
    "e-commerce": "e-commerce|ecommerce|online retail|online shopping|internet retail",
    "information technology": "information technology|it|it services|technology|software|computer hardware|"
    "semiconductor",
    "technology": "technology|information technology|software|semiconductor|computer hardware|it services|electronics",
    "hardware": "hardware|computer hardware|networking hardware|technology hardware|computer storage|"
    "computer data storage",
    "it service": "it services|software and it services|information technology services|it consulting|edp services",
    "biotech": "biotech|biotechnology|biopharmaceutical|biotechnologie",
    "biotechnology": "biotech|biotechnology|biopharmaceutical|biotechnologie",
    "pharmaceutical": "pharmaceutical|pharma|pharmaceutics|biopharmaceutical",
    "pharma": "pharmaceutical|pharma|pharmaceutics|biopharmaceutical",
    "healthcare": "healthcare|health care|health|medical|hospital|pharmaceutical|biotechnology",
    "health care": "healthcare|health care|health|medical|hospital|pharmaceutical|biotechnology",
    "medical device": "medical device|medical equipment|medical technology|health care equipment|healthcare equipment|"
    "medical appliance",
    "bank": "bank|banking",
    "banking": "bank|banking",
    "finance": "finance|financial|bank|banking|insurance|investment|asset management",
    "financial service": "financial service|financial|bank|banking|insurance|investment|asset management",
    "fintech": "fintech|financial technology|payment|payments|payment card",
    "insurance": "insurance|reinsurance|insurer",
    "real estate": "real estate|reit|property|immobilien",
    "automotive": "automotive|automobile|auto|car manufacturer|motor vehicle|truck",
    "telecom": "telecom|telecommunication|telecoms|wireless|mobile network",
    "telecommunication": "telecom|telecommunication|telecoms|wireless|mobile network",
    "media": "media|publishing|broadcasting|entertainment|medien|television",
    "video game": "video game|gaming|game|unterhaltungssoftware",
    "retail": "retail|retailer|retailing|store|supermarket|e-commerce",
    "energy": "energy|oil and gas|petroleum|electricity|electric utility|natural gas|renewable energy|fossil fuel",
    "oil and gas": "oil and gas|oil|petroleum|natural gas|fossil fuel",
    "renewable energy": "renewable energy|renewable|solar|solar energy|wind|renewable electricity",
    "logistic": "logistic|freight|transportation and logistics|courier|shipping|freight and logistics service",
    "transportation": "transportation|transport|logistic|freight|airline|railway|shipping",
    "aerospace": "aerospace|aviation|aerospace and defense|aerospace and defence|space",
    "defense": "defense|defence|aerospace and defense|aerospace and defence",
    "chemical": "chemical|chemistry|chemie",
    "food": "food|foods|beverage|foodservice|food processing",
    "restaurant": "restaurant|foodservice|fast food",
    "construction": "construction|engineering and construction|homebuilding|housebuilding|building material",
    "consulting": "consulting|professional service|management consulting|it consulting",
    "advertising": "advertising|marketing|digital marketing|adtech",
    "manufacturing": "manufacturing|machinery|industrial machinery|industrial goods",
    "hospitality": "hospitality|hotel|lodging|resort|tourism",
    "travel": "travel|tourism|airline|hotel|lodging|cruise line",
    "education": "education|edtech|school|training",
    "mining": "mining|metals and mining|metal|gold",
    "utility": "utility|utilities|electric utility|water utility|public utility",
    "agriculture": "agriculture|agribusiness|farming|crop",
}
# Sector labels so wide that they say nothing about the word inside: payment cards and online auctions are both
# "Software & IT Services" in the Refinitiv classification.
_TOO_WIDE = {"software": ("software and it service",), "cloud": ("software and it service",)}


def matches(labels: Iterable[str], wanted: str) -> bool:
    """Whether any of a company's labels means the wanted industry, ignoring case, plural and "&"."""
    phrases, too_wide = _phrases(wanted)
    if not phrases:
        return False
    for label in labels:
        normal = _normal(label)
        if normal not in too_wide and any(f" {phrase} " in f" {normal} " for phrase in phrases):
            return True
    return False


def matches_any(labels: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether the labels mean at least one of the wanted industries; True when none is wanted."""
    wanted = [each for each in wanted if each.strip()]
    known = list(labels)
    return not wanted or any(matches(known, each) for each in wanted)


def has_phrase(text: str, phrase: str) -> bool:
    """Whether a text holds a phrase as whole words, ignoring case and plural."""
    wanted = _normal(phrase)
    return bool(wanted) and f" {wanted} " in f" {_normal(text)} "


@lru_cache(maxsize=1024)
def _phrases(wanted: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    normal = _normal(wanted)
    if not normal:
        return (), ()
    listed = next((value for key, value in _SYNONYMS.items() if _normal(key) == normal), "")
    found = [normal, *(_normal(each) for each in listed.split("|") if each)]
    return tuple(dict.fromkeys(found)), tuple(_TOO_WIDE.get(normal, ()))


@lru_cache(maxsize=32_768)
def _normal(text: str) -> str:
    """Lower case words without accents, punctuation and plural s; "&" is "and", "e-commerce" is one word."""
    plain = unicodedata.normalize("NFKD", text[:5_000]).casefold()
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    plain = plain.replace("&", " and ").replace("e-commerce", "ecommerce").replace("internet of things", "iot")
    return " ".join(_singular(word) for word in re.findall(r"[^\W_]+", plain))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ics")):
        return word[:-1]
    return word
