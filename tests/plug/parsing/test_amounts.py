"""Numbers, money, years and bands as sources really write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.plug.parsing.amounts import (
    Band,
    Count,
    Money,
    parse_band,
    parse_count,
    parse_money,
    parse_number,
    parse_year,
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("140,000 (2019)", Count(140_000, year=2019)),
        ("c. 6,000", Count(6_000)),
        ("16,000 (average, 2021)", Count(16_000, year=2021)),
        ("1,973 (end 2021)", Count(1_973, year=2021)),
        ("Over 1 million (est.)", Count(1_000_000)),
        ("140.000", Count(140_000)),
        ("3 500", Count(3_500)),
        ("51–200", Count(51, at_most=200)),
        ("Consolidated : 33,431 Non-consolidated : 8,034 (as of March 31, 2019)", Count(33_431, year=2019)),
        ("337 (non-consolidated) 5,422 (consolidated) (2017)", Count(5_422, year=2017)),
        ("649 (2023) 733 (2022)", Count(649, year=2023)),
        (250, Count(250)),
    ],
)
def test_a_head_count_is_read_with_its_year(text, count):
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["", "n/a", "-5", "-$5 million", "12 %", 0, -3, None, True, ["7"], "(2019)"])
def test_what_states_no_head_count_gives_none(text):
    assert parse_count(text) is None


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("US$ 6.5 billion (FY2019)", Money(6.5e9, "USD", 6.5e9, 2019)),
        ("€1.2 million", Money(1.2e6, "EUR")),
        ("¥ 2.3 trillion (2022)", Money(2.3e12, "JPY", None, 2022)),
        ("US$ 0 700 Mln (2018)", Money(700e6, "USD", 700e6, 2018)),
        ("6,020 million euros (2021)", Money(6.02e9, "EUR", None, 2021)),
        ("180,743,000 euro (2023)", Money(180_743_000, "EUR", None, 2023)),
        ("-$5 million", Money(-5e6, "USD", -5e6)),
        ("($3.2m)", Money(-3.2e6, "USD", -3.2e6)),
        ("SEK 14 billion (2021/2022 Annual report)", Money(14e9, "SEK", None, 2021)),
        ("2.1 billion (2023)", Money(2.1e9, None, None, 2023)),
    ],
)
def test_an_amount_is_read_with_currency_and_year(text, money):
    assert parse_money(text) == money


def test_dollars_that_a_text_puts_beside_another_currency_are_kept_and_none_are_computed():
    stated = parse_money("€ 11.108 billion ( US$ 14.7 billion) (2023)")
    silent = parse_money("€ 11.108 billion (2023)")

    assert (stated, silent) == (
        Money(11.108e9, "EUR", 14.7e9, 2023),
        Money(11.108e9, "EUR", None, 2023),
    )


@pytest.mark.parametrize(
    ("text", "country", "currency"),
    [
        ("$3 billion", "AU", "AUD"),
        ("$3 billion", "US", "USD"),
        ("3 billion kr", "SE", "SEK"),
        ("3 billion kr", None, None),
    ],
)
def test_a_mark_with_several_meanings_is_read_as_in_the_country(text, country, currency):
    money = parse_money(text, country_code=country)

    assert money is not None and money.currency == currency


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1955 ; 71 years ago ( 1955 )", 1955),
        ("June 13, 1902 ; 123 years ago", 1902),
        (1822, 1822),
        (0, None),
        ("12,000", None),
    ],
)
def test_the_first_year_counts(text, year):
    assert parse_year(text) == year


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("51-200", Band(51, 200)), ("10,001+", Band(10_001)), ("11-50 employees", Band(11, 50)),
        ("1k–5k", Band(1_000, 5_000)), ("under 50", Band(0, 49)), ("more than 1000", Band(1_001)),
        ("200", Band(200, 200)),
        ("big", None), ("500-51", None),
    ],
)  # fmt: skip
def test_a_size_band_is_read_with_both_ends(text, band):
    assert parse_band(text) == band


def test_the_last_of_two_kinds_of_separator_is_the_decimal_one():
    assert [parse_number(each) for each in ("1,234.5", "1.234,5", "1,234", "1,5", "12 apples")] == [
        1234.5, 1234.5, 1234, 1.5, None,
    ]  # fmt: skip


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.from_regex(r"[-$€¥(]?[\d., ]{0,30}(bn|m|k)?")))
def test_no_text_makes_a_parser_raise(value):
    for parse in (parse_count, parse_money, parse_year, parse_band, parse_number):
        parse(value)


@given(st.integers(min_value=1, max_value=10**9))
def test_a_count_written_with_commas_reads_back(number):
    assert parse_count(f"c. {number:,} (2024)") == Count(number, year=2024)
