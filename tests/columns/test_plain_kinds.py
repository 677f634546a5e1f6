"""Plain kinds: what is taken, as what it is stored, and what is refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from spadework.core.errors import InvalidInput
from spadework.plug import catalog
from spadework.plug.column import ColumnKind, Settings

KINDS = catalog.load(ColumnKind, "column")
PLAIN = {key: kind for key, kind in KINDS.items() if not kind.is_computed}
OPTIONS = {"select": {"options": ["A", "Beta"]}}


def parse(key, raw, **settings):
    kind = KINDS[key]
    return kind().parse(raw, kind.settings(**{**OPTIONS.get(key, {}), **settings}))


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("text", "  a\x00b \n c ", "ab \n c"),
        ("text", 5.0, "5"),
        ("number", "1,234.5", 1234.5),
        ("number", "1.234,5", 1234.5),
        ("number", "$1.2M", 1_200_000),
        ("number", "12%", 12),
        ("number", "(3)", -3),
        ("number", 7.0, 7),
        ("boolean", "Yes", True),
        ("boolean", 0, False),
        ("date", "2026-11-21", "2026-11-21T00:00:00+00:00"),
        ("date", "21 Nov 2026 10:30 +02:00", "2026-11-21T08:30:00+00:00"),
        ("date", "03/04/2026", "2026-03-04T00:00:00+00:00"),
        ("url", "example.com/About", "https://example.com/About"),
        ("url", "http://example.com:8080/", "http://example.com:8080"),
        ("email", "mailto:Jane@EXAMPLE.com", "Jane@example.com"),
        ("select", "beta", "Beta"),
        ("json", '{"a": [1, null]}', {"a": [1, None]}),
        ("json", [1, "a\x00"], [1, "a"]),
        ("text", {"a": [1]}, '{"a": [1]}'),
        ("text", True, "true"),
    ],
)
def test_what_people_type_becomes_the_stored_value(key, raw, value):
    stored = parse(key, raw)

    assert stored == value and type(stored) is type(value)


@pytest.mark.parametrize(
    ("key", "raw", "example"),
    [
        ("number", "5 apples", "1234.5"),
        ("number", "NaN", "1234.5"),
        ("number", True, "1234.5"),
        ("number", "2026-01-02", "1234.5"),
        ("boolean", "maybe", "yes, no"),
        ("date", "March", "2026-11-21"),
        ("date", "today", "2026-11-21"),
        ("url", "javascript:alert(1)//example.com", "https://example.com/about"),
        ("url", "ftp://example.com", "https://example.com/about"),
        ("url", "localhost", "https://example.com/about"),
        ("url", "jane@example.com", "https://example.com/about"),
        ("email", "jane@example.com, joe@example.com", "jane@example.com"),
        ("select", "Bets", "Did you mean 'Beta'?"),
        ("json", "[1,", "[1, 2]"),
        ("json", '{"a": 1, "a": 2}', "twice"),
        ("json", "NaN", "not part of JSON"),
        pytest.param("text", "x" * 1_000_001, "1,000,000", id="text-too-long"),
        pytest.param("number", 10**400, "larger", id="number-of-401-digits"),
        pytest.param("number", "9" * 400, "1234.5", id="text-of-400-digits"),
        pytest.param("number", "1" * 1_000_001, "1,000,000", id="number-too-long"),
        pytest.param("json", 10**400, "larger", id="json-of-401-digits"),
        ("json", "1e400", "larger"),
        pytest.param("date", 10**400, "2026-11-21", id="date-of-401-digits"),
        ("select", ["A"], "one value"),
    ],
)
def test_what_is_no_value_is_refused_with_an_example(key, raw, example):
    with pytest.raises(InvalidInput) as refused:
        parse(key, raw)

    assert example in refused.value.message and len(refused.value.message) < 400


@pytest.mark.parametrize("raw", [{"a": 1}, [1], ["yes"], ["example.com"], {"at": "2026-11-21"}, ["jane@example.com"]])
@pytest.mark.parametrize("key", ["number", "boolean", "date", "url", "email", "select"])
def test_a_list_or_an_object_is_no_single_value(key, raw):
    with pytest.raises(InvalidInput, match="one value"):
        parse(key, raw)


@pytest.mark.parametrize("key", [key for key in PLAIN if key not in ("text", "json", "boolean")])
@pytest.mark.parametrize("raw", [True, False])
def test_a_boolean_is_no_number_date_address_or_option(key, raw):
    with pytest.raises(InvalidInput):
        parse(key, raw)


@pytest.mark.parametrize("key", PLAIN)
def test_blank_is_nothing_for_every_kind(key):
    assert [parse(key, raw) for raw in (None, "", "   ")] == [None, None, None]


def test_a_date_is_read_in_the_order_the_column_says_unless_the_year_comes_first():
    assert parse("date", "03/04/2026", day_first=True) == "2026-04-03T00:00:00+00:00"
    assert parse("date", "2026-03-04", day_first=True) == "2026-03-04T00:00:00+00:00"


def test_a_select_of_several_takes_lists_and_separated_text():
    assert parse("select", "a; BETA, a", multiple=True) == ["A", "Beta"]
    assert parse("select", ["beta"], multiple=True) == ["Beta"]


def test_options_that_differ_only_in_case_are_refused():
    with pytest.raises(ValidationError, match="differ in more than case"):
        KINDS["select"].settings(options=["A", "a "])


@pytest.mark.parametrize("key", PLAIN)
@given(
    raw=st.one_of(
        st.text(max_size=80), st.integers(), st.floats(), st.booleans(), st.lists(st.text(max_size=5), max_size=3)
    )
)
def test_a_stored_value_reads_back_as_itself_and_odd_input_is_refused_politely(key, raw):
    try:
        value = parse(key, raw)
    except InvalidInput:
        return
    if not (key == "json" and isinstance(value, str)):  # a JSON text would be parsed once more
        assert parse(key, value) == value


@pytest.mark.parametrize("key", KINDS)
def test_an_unknown_setting_is_an_error(key):
    assert issubclass(KINDS[key].settings, Settings)
    with pytest.raises(ValidationError):
        KINDS[key].settings(**{**OPTIONS.get(key, {}), "no_such_setting": 1})
