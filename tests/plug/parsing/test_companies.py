"""Company names without legal form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.plug.parsing.companies import clean_name, match_key


@pytest.mark.parametrize(
    ("name", "clean", "form"),
    [
        ("Example Inc.", "Example", "Inc."),
        ("Example GmbH & Co. KG", "Example", "GmbH & Co. KG"),
        ("日本例株式会社", "日本例", "株式会社"),
        ("AB Example", "Example", "AB"),
        ("Example Company (The)", "The Example", "Company"),
        ("Example (UK)", "Example (UK)", ""),
        ("AG", "AG", ""),
        ("NVEXAMPLE", "NVEXAMPLE", ""),
    ],
)
def test_the_legal_form_is_taken_off_and_told(name, clean, form):
    cleaned = clean_name(name)

    assert cleaned is not None and (cleaned.name, cleaned.legal_form) == (clean, form)


def test_two_spellings_of_one_company_share_a_key():
    assert match_key("The Exämple & Sons, Inc. (Class A)") == match_key("example and sons")


@given(st.text())
def test_no_text_makes_cleaning_raise_or_leaves_nothing(text):
    cleaned = clean_name(text)

    assert cleaned is None or cleaned.name
