"""Which labels mean the industry somebody asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.plug.parsing.industries import has_phrase, matches, matches_any


@pytest.mark.parametrize(
    ("label", "wanted", "fits"),
    [
        ("Application Software", "software", True),
        ("Cloud computing Enterprise software", "SOFTWARE", True),
        ("Network security", "Software", True),
        ("Software & IT Services", "software", False),
        ("Software & IT Services", "IT services", True),
        ("Semiconductors & Semiconductor Equipment", "Semiconductor", True),
        ("E-commerce", "internet", True),
        ("Internet of Things", "internet", False),
        ("Real estate investment trust", "Real Estate", True),
        ("Banks", "banking", True),
        ("Director services", "cto", False),
        ("Retail", "", False),
    ],
)
def test_labels_are_compared_by_whole_words_and_synonyms(label, wanted, fits):
    assert matches([label], wanted) is fits


def test_no_wanted_industry_restricts_nothing():
    assert matches_any([], []) and matches_any(["Retail"], ["", "retail"]) and not matches_any(["Retail"], ["banks"])


@given(st.text(), st.text())
def test_no_text_makes_matching_raise(label, wanted):
    matches([label], wanted)
    has_phrase(label, wanted)
