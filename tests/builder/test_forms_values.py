"""How the form's scripts understand numbers, days and names: the same as the rest of Spadework does."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.builder.rules.forms.parts import reading, values, writing
from spadework.extracts import headers
from spadework.workbooks.rules import sheets


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", "7"), ("007", "7"), ("-3.50", "-3.50"), ("+4", "4"), (".5", "0.5"), ("$1,234.50", "1234.50"),
        ("1.234,50 €", "1234.50"), ("1 234,50", "1234.50"), ("1\u00a0234,5", "1234.5"), ("1'234.50", "1234.50"),
        ("CHF 1’234.50", "1234.50"), ("1,234", "1234"), ("1,234,567", "1234567"), ("1.234.567", "1234567"),
        ("1,5", "1.5"), ("1.234", "1.234"), ("(1,000.00)", "-1000.00"), ("1234,567.8", "1234567.8"),
    ],
)  # fmt: skip
def test_a_number_is_understood_as_people_write_it(text: str, number: str) -> None:
    assert values.find_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", " ", "-", "n/a", "12 apples", "1e5", "1,2,3", "NaN", "inf", "0x10", "5%", "()", "٣"]
)
def test_what_is_no_number_is_not_made_one(text: str) -> None:
    assert values.find_number(text) is None


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2024-03-04", "month_first", (2024, 3, 4)), ("2024-03-04 13:45:00", "day_first", (2024, 3, 4)),
        ("2024-03-04T00:00:00Z", "day_first", (2024, 3, 4)), ("2024/3/4", "day_first", (2024, 3, 4)),
        ("03/04/2024", "day_first", (2024, 4, 3)), ("03/04/2024", "month_first", (2024, 3, 4)),
        (" 3.4.24 ", "day_first", (2024, 4, 3)), ("31-12-99", "day_first", (1999, 12, 31)),
    ],
)  # fmt: skip
def test_a_day_is_understood_in_the_order_that_was_chosen(text: str, order: str, day: tuple[int, int, int]) -> None:
    assert values.find_date(text, order) == datetime.date(*day)


@pytest.mark.parametrize("text", ["", "2024-02-30", "31/31/2024", "soon", "20240304", "12:30", "1/2/3", "0000-01-01"])
def test_what_is_no_day_is_not_made_one(text: str) -> None:
    assert values.find_date(text, "day_first") is None


@given(st.text(st.sampled_from("=+-@\t\r\0＝＋－＠'0123456789.,ab\n ")) | st.text())
def test_a_text_is_made_safe_exactly_as_an_exported_table_is(text: str) -> None:
    assert writing.safe(text) == sheets.safe(text)


@given(st.lists(st.sampled_from(["", " ", "x", " x ", "x (2)", "column_2", "\ufeffx", "y\0", "Ünï", "\t"]), max_size=8))
def test_columns_get_the_names_that_the_extract_shows(header: list[str]) -> None:
    assert tuple(reading.name_columns(header)) == headers.name_columns(header)[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"), (-0.0, "0"), (0.1 + 0.2, "0.3"), (1e20, "1e+20"), (True, "TRUE"), ("007", "007"), ("", ""),
        (datetime.datetime(2024, 1, 5), "2024-01-05"), (datetime.datetime(2024, 1, 5, 13, 45), "2024-01-05 13:45:00"),
        (datetime.date(2024, 1, 5), "2024-01-05"), (datetime.time(9, 30), "09:30:00"),
        (datetime.timedelta(hours=30, minutes=5), "30:05:00"),
    ],
)  # fmt: skip
def test_a_workbooks_cell_becomes_the_text_a_person_would_write(value: object, text: str) -> None:
    assert reading.cell_text(value) == text
