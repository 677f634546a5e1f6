"""Quotes are found in the stored page by our code, or the claim is not believed."""

import pytest

from spadework.research.rules import quotes
from tests.research.building import page

COPIED = "Intro\n\n“Acme  Corp’s” plant\u00a0— a $40\u202fmillion site — opens in Mar\u00adch 2027. Cafe\u0301 and ﬁrst.\n\nEnd"


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("opens in March 2027", "opens in Mar\u00adch 2027"),
        ("Acme Corp's\" plant - a $40 million site", "Acme  Corp’s” plant\u00a0— a $40\u202fmillion site"),
        ("Café and first", "Cafe\u0301 and ﬁrst"),
        ("  Intro \n “Acme Corp’s”", "Intro\n\n“Acme  Corp’s"),
    ],
    ids=["soft-hyphen", "marks-and-blanks", "ligature-and-accent", "blanks-around"],
)
def test_a_quote_is_found_whatever_a_copy_did_to_its_spelling(quote: str, found: str) -> None:
    span = quotes.find_span(quote, COPIED)
    assert span is not None
    assert COPIED[span[0] : span[1]] == found


@pytest.mark.parametrize(
    "quote",
    ["opens in April 2027", "acme corp's plant", "0 million site", "plant opens in March", "a $400 million site"],
)
def test_other_words_digits_capitals_and_parts_of_a_number_are_not_the_quote(quote: str) -> None:
    assert quotes.find_span(quote, COPIED) is None


def test_the_page_a_claim_names_is_looked_at_first() -> None:
    first, second = page("The same words stand here."), page("The same words stand here.", "https://b.example/x/")
    ordered = quotes.order_by_address([first, second], "http://www.b.example/x?utm=1#top")
    evidence, problem = quotes.locate("The same words", ordered)
    assert (evidence and evidence.source_id, problem) == (second.id, None)


@pytest.mark.parametrize(
    ("quote", "problem"),
    [("", "no quote"), ("plant", "too short"), ("words that are nowhere", "in none of the stored sources")],
)
def test_a_quote_that_shows_nothing_says_why(quote: str, problem: str) -> None:
    evidence, why = quotes.locate(quote, [page()])
    assert evidence is None
    assert why is not None
    assert problem in why


def test_without_any_source_nothing_is_supported() -> None:
    assert quotes.locate("The plant costs $40 million", []) == (None, "No source was stored to look in.")


def test_a_quote_is_found_at_the_end_of_a_page_of_two_megabytes_with_every_kind_of_letter() -> None:
    text = "word “x” é 日本語 ﬁ and more\n" * 80_000 + "The “last” line — here."
    span = quotes.find_span('The "last" line - here', text)
    assert span is not None
    assert text[span[0] : span[1]] == "The “last” line — here"
