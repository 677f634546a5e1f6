"""References to columns: by id as stored, by name as shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.core.errors import UnknownReference
from spadework.plug.references import as_text, fill, find_references, single_reference, to_ids, to_names

NAME, SIZE = "f_" + "a" * 32, "f_" + "b" * 32
IDS = {"Company name": NAME, "Size": SIZE}


def test_each_id_is_found_once_in_order_and_names_are_not_ids():
    assert find_references(f"{{{{{SIZE}}}}} {{{{{NAME}}}}} {{{{ {SIZE} }}}} {{{{Company}}}} {{{{f_12}}}}") == [
        SIZE,
        NAME,
    ]


def test_names_become_ids_and_back():
    stored = to_ids("{{Company name}} has {{size}} and {x}", IDS)

    assert stored == f"{{{{{NAME}}}}} has {{{{{SIZE}}}}} and {{x}}"
    assert to_names(stored, {NAME: "Firm", SIZE: "Size"}) == "{{Firm}} has {{Size}} and {x}"
    assert to_ids(stored, IDS) == stored


def test_an_unknown_name_is_refused_with_the_closest_one():
    with pytest.raises(UnknownReference, match=r"'Compny name'\. Did you mean 'Company name'\?"):
        to_ids("{{Compny name}}", IDS)
    with pytest.raises(UnknownReference, match=r"There are: Company name, Size\."):
        to_ids("{{zzzzzz}}", IDS)


def test_a_value_that_looks_like_a_reference_stays_text():
    assert fill(f"{{{{{NAME}}}}}!", {NAME: f"{{{{{SIZE}}}}}", SIZE: "secret"}) == f"{{{{{SIZE}}}}}!"


def test_values_are_filled_as_a_person_would_type_them():
    values = [None, 5.0, 5.5, True, ["a", 1], "x"]

    assert [as_text(each) for each in values] == ["", "5", "5.5", "true", '["a", 1]', "x"]
    assert fill(f"{{{{{NAME}}}}}-{{{{{SIZE}}}}}", {NAME: None}) == "-"


def test_only_a_reference_alone_keeps_its_type():
    assert single_reference(f" {{{{{NAME}}}}} ") == NAME
    assert single_reference(f"{{{{{NAME}}}}}x") is None
    assert single_reference("{{Company name}}") is None


@given(st.text(), st.text())
def test_filling_any_text_with_any_value_never_raises(text, value):
    fill(text, {NAME: value})
    assert fill(f"a{{{{{NAME}}}}}b", {NAME: value}) == f"a{value}b"


def test_a_condition_is_renamed_like_any_reference_and_its_other_marks_stay():
    stored = to_ids("{{#if Size}}{{Company name}}{{else}}-{{/if}}", IDS)

    assert stored == f"{{{{#if {SIZE}}}}}{{{{{NAME}}}}}{{{{else}}}}-{{{{/if}}}}"
    assert to_names(stored, {NAME: "Firm", SIZE: "Size"}) == "{{#if Size}}{{Firm}}{{else}}-{{/if}}"
    assert find_references(stored) == [SIZE, NAME]
    with pytest.raises(UnknownReference, match="'Siz'"):
        to_ids("{{#if Siz}}x{{/if}}", IDS)
