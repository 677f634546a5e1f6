"""Masking over all of Unicode: nothing of a text comes through but its shape."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.extracts.kept import KEPT
from spadework.extracts.masking import is_masked, mask, mask_all

EVERY_CHARACTER = [chr(no) for no in range(0x110000)]
ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=200)  # lone surrogates too


def is_allowed(character: str) -> bool:
    return character in "Aa#" or unicodedata.category(character)[0] in "PSZ"


def spells(symbol: str) -> bool:
    """Whether a symbol shows letters or digits, so that a text could be written with it."""
    name = unicodedata.name(symbol, "")
    return unicodedata.category(symbol) == "So" and (
        any(unicodedata.category(each)[0] in "LN" for each in unicodedata.normalize("NFKC", symbol))
        or symbol.isupper()
        or symbol.islower()
        or "SQUARED LATIN" in name
        or name.startswith(
            ("BRAILLE PATTERN", "SIGNWRITING", "REGIONAL INDICATOR", "CJK RADICAL", "KANGXI RADICAL", "CJK STROKE",
             "TURNED DIGIT", "TURNED GREEK")
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("PROD-194211", "AAAA-######"),
        ("John Smith", "Aaaa Aaaaa"),
        ("john.smith@acme.com", "aaaa.aaaaa@aaaa.aaa"),
        ("2024-01-15", "####-##-##"),
        ("$1,234.56", "$#,###.##"),
        ("007", "###"),
        ("", ""),
    ],
)
def test_the_examples_of_the_specification_mask_as_it_says(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Zoë Straße", "Aaa Aaaaaa"),
        ("Zoe\u0308", "Aaa"),  # an accent of its own is composed first
        ("Иван Петров", "Aaaa Aaaaaa"),
        ("שלום", "aaaa"),
        ("東京タワー", "aaaaa"),
        ("हिन्दी", "aaaaaa"),  # vowel signs are marks, and marks are letters here
        ("٣٤٥ Ⅻ ½ 四", "### # # a"),
        ("ǅ", "A"),
        ("Ⓙⓞⓗⓝ ㈱ ⠚⠕ 🇩🇪", "Aaaa a �� ��"),
        ("😀 👍 € → ✓", "😀 👍 € → ✓"),
        ("one\ntwo\tthree\r", "aaa␊aaa␉aaaaa␍"),
        ("a\u200db\u202ec\x00\ue000\ud800", "a�a�a���"),
        ("x\u2028y", "a\u2028a"),
    ],
)
def test_a_text_of_any_script_keeps_its_shape_only(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_every_character_of_unicode_becomes_one_that_tells_nothing() -> None:
    wrong = [hex(ord(each)) for each in EVERY_CHARACTER if not all(map(is_allowed, mask(each)))]
    assert wrong == []


def test_every_letter_and_mark_is_a_letter_and_every_number_a_digit() -> None:
    for each in EVERY_CHARACTER:
        composed = unicodedata.normalize("NFC", each)
        category = unicodedata.category(composed[0])
        if category[0] in "LM":
            assert mask(each)[0] == ("A" if category in {"Lu", "Lt"} else "a"), hex(ord(each))
        elif category[0] == "N":
            assert mask(each)[0] == "#", hex(ord(each))


def test_every_character_gives_as_many_as_it_has_after_composing() -> None:
    assert all(len(mask(each)) == len(unicodedata.normalize("NFC", each)) for each in EVERY_CHARACTER)


def test_punctuation_spaces_and_symbols_that_spell_nothing_stay_as_they_are() -> None:
    assert [
        hex(ord(each)) for each in EVERY_CHARACTER
        if ord(each) in KEPT and unicodedata.normalize("NFC", each) == each and mask(each) != each
    ] == []  # fmt: skip


def test_what_is_kept_is_what_the_rule_says_of_unicode_14() -> None:
    ours = {each for each in EVERY_CHARACTER if unicodedata.category(each)[0] in "PSZ" and not spells(each)}
    if unicodedata.unidata_version == "14.0.0":
        assert {chr(each) for each in KEPT} == ours
    else:  # a newer Python knows more symbols, and may have learnt that one of them spells
        assert {chr(each) for each in KEPT} <= {
            each for each in EVERY_CHARACTER if unicodedata.category(each)[0] in "PSZ"
        }


@given(ANY_TEXT)
def test_any_text_masks_to_allowed_characters_of_the_same_number_and_stays_so(text: str) -> None:
    masked = mask(text)
    assert all(map(is_allowed, masked))
    assert len(masked) == len(unicodedata.normalize("NFC", text))
    assert is_masked(masked)
    assert mask(masked) == masked


@given(st.lists(ANY_TEXT | st.text(alphabet="\0\u0301eA7", max_size=5), max_size=8))
def test_many_texts_at_once_mask_as_one_after_the_other(texts: list[str]) -> None:
    assert mask_all(texts) == [mask(each) for each in texts]


@given(ANY_TEXT)
def test_a_text_counts_as_masked_only_when_masking_would_not_change_it(text: str) -> None:
    assert is_masked(text) == (mask(text) == text)
    assert not is_masked(text + "b")
    assert not is_masked("7" + text)


@given(st.text(alphabet="aA#-. ", max_size=50), st.characters(categories=["L", "N", "M", "C"]))
def test_one_unmasked_letter_or_digit_anywhere_is_seen(text: str, letter: str) -> None:
    assert letter in "Aa" or not is_masked(text + letter + text)
