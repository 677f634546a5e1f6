"""The pure decisions: conditions, run modes, order, references, filters, slots, text for spreadsheets."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.core.errors import CyclicReference, InvalidInput, LimitReached, UnknownReference
from spadework.core.ids import ClientId, FieldId, TableId, WorkbookId, new_id
from spadework.plug.column import CellState
from spadework.workbooks.rules import conditions, filters, modes, order, references, sheets, slots, statuses, values
from spadework.workbooks.types import Field, Table

ROW = {
    "City": "Oslo",
    "Score": 7,
    "Zero": 0,
    "Yes": True,
    "No": False,
    "Blank": None,
    "Empty": "",
    "List": [],
    "Text": "5",
}


@pytest.mark.parametrize(
    ("run_state", "cells", "status"),
    [
        (None, {}, "pending"),
        ("running", {"failed": 3}, "running"),
        ("succeeded", {"done": 2}, "complete"),
        ("succeeded", {"done": 1, "failed": 9}, "complete"),
        ("succeeded", {"done": 0, "failed": 3}, "failed"),
        ("succeeded", {"unknown": 1, "over_budget": 2}, "failed"),
        ("succeeded", {"missing_input": 4, "no_data": 1}, "complete"),
        ("succeeded", {}, "complete"),
        ("failed", {"done": 5}, "failed"),
        ("stopped", {"done": 5}, "pending"),
    ],
)
def test_a_table_is_complete_when_its_run_ended_and_not_every_cell_went_wrong(run_state, cells, status):
    assert statuses.status_of(run_state, cells) == status


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("!!{{City}}", True),
        ("!{{City}}", False),
        ("!!{{Blank}}", False),
        ("!{{Blank}}", True),
        ("!{{Empty}}", True),
        ("!{{List}}", True),
        ("!!{{No}}", False),
        ("!!{{Zero}}", True),
        ("!!{{Never heard of}}", False),
        ('{{City}} == "Oslo"', True),
        ("{{ City }} === 'Oslo'", True),
        ('{{City}} == "oslo"', False),
        ('{{City}} != "Oslo"', False),
        ("{{Score}} == 7", True),
        ('{{Score}} == "7"', True),
        ("{{Text}} == 5.0", True),
        ("{{Score}} >= 7 && {{Score}} < 8", True),
        ("{{Blank}} > 1", False),
        ("{{Yes}} == true", True),
        ('{{Yes}} == "true"', True),
        ("{{Yes}} == 1", False),
        ("{{Blank}} == null", True),
        ('{{Blank}} == ""', True),
        ("!{{City}} || !!{{Score}} && !!{{Blank}}", False),
        ("(!{{City}} || !!{{Score}}) && !!{{Yes}}", True),
        ('{{City}} == "say \\"hi\\""', False),
    ],
)
def test_a_condition_of_the_seeds_language_holds_as_javascript_would_have_it(condition, holds):
    assert conditions.compile_condition(condition)(ROW) is holds


@pytest.mark.parametrize(
    "condition",
    ["", " ", "{{City}} ==", "== 1", "!!", "({{City}}", "{{City}})", "{{City}} {{Score}}", "{{City}} = 1", "Oslo",
     '"open', "{{City}} && ", "{{City}} == 1 == 2", "__import__('os')", "(" * 60 + "{{City}}" + ")" * 60],
)  # fmt: skip
def test_a_condition_that_is_not_in_the_language_is_refused(condition):
    with pytest.raises(InvalidInput):
        conditions.compile_condition(condition)


@given(
    parts=st.lists(st.sampled_from(["{{City}}", "!", "&&", "||", "(", ")", "==", '"a"', " ", "1", "true"]), max_size=30)
)
def test_any_text_is_either_a_condition_or_refused_and_never_breaks(parts):
    try:
        holds = conditions.compile_condition("".join(parts))(ROW)
    except InvalidInput:
        return
    assert holds in (True, False)


TREES: Any = st.recursive(
    st.sampled_from(
        [("!!{{City}}", True), ("!!{{Blank}}", False), ("{{Score}} == 7", True), ('{{City}} == "x"', False)]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]} && {two[1][0]})", two[0][1] and two[1][1])),
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]} || {two[1][0]})", two[0][1] or two[1][1])),
        inner.map(lambda one: (f"!({one[0]})", not one[1])),
    ),
    max_leaves=12,
)


@given(tree=TREES)
def test_a_nested_condition_means_what_its_parts_mean(tree):
    text, holds = tree
    assert conditions.compile_condition(text)(ROW) is holds


STATES = get_args(CellState)


def test_no_mode_ever_takes_a_cell_whose_payment_is_unknown():
    assert not any(
        modes.takes(mode, "unknown") for mode in ("cell", "selected", "first_n", "empty", "failed", "all", "force")
    )
    assert not modes.is_retaken_on_resume("unknown")


def test_what_failed_is_taken_by_failed_and_by_all_and_nothing_done_is():
    for state in ("failed", "rate_limited", "invalid", "over_budget", "cancelled"):
        assert modes.takes("failed", state) and modes.takes("all", state)
    for mode in ("failed", "all", "empty", "first_n"):
        assert not modes.takes(mode, "done")


def test_force_and_a_single_cell_take_whatever_else_there_is():
    for state in STATES:
        if state != "unknown":
            assert modes.takes("force", state) and modes.takes("cell", state)


def make_field(name: str, *, kind: str = "text", settings: Any = None, storage: Any = "text", **more: Any) -> Field:
    return Field(
        id=FieldId(new_id()), table_id=TABLE, no=more.pop("no", 1), name=name, kind=kind, settings=settings or {},
        settings_version=1, storage=storage, slot="t1", position=more.pop("position", 0), **more,
    )  # fmt: skip


TABLE = TableId(new_id())


def make_table(*fields: Field) -> Table:
    return Table(
        id=TABLE, workbook_id=WorkbookId(new_id()), workbook_name="Example", client_id=ClientId(new_id()),
        is_training=True, name="Companies", kind="ce", position=0, row_count=0, version=0, source=None, fields=fields,
    )  # fmt: skip


def formula(name: str, *reads: Field, **more: Any) -> Field:
    settings = {"expression": " + ".join(f"{{{{{each.ref}}}}}" for each in reads) or "1"}
    return make_field(name, kind="formula", settings=settings, **more)


def test_columns_are_filled_after_those_they_read_wherever_they_stand():
    a = make_field("A")
    b = formula("B", a)
    c = make_field("C", kind="formula", settings={"expression": "1"}, condition=f"!!{{{{{b.ref}}}}}")
    table = make_table(c, b, a)
    assert [each.name for each in order.in_order(table, [c, b])] == ["B", "C"]


def test_dependants_are_found_through_other_columns_and_outputs():
    a = make_field("A")
    b = formula("B", a)
    score = make_field("score", output_of=b.id, output_name="score")
    c = formula("C", score)
    other = formula("Other")
    assert [each.name for each in order.dependants(make_table(c, score, b, a, other), [a.id])] == ["B", "C"]


@given(count=st.integers(2, 30))
def test_a_ring_of_any_length_is_named_column_by_column(count):
    depends = {f"f{each}": {f"f{(each + 1) % count}"} for each in range(count)}
    with pytest.raises(CyclicReference) as refused:
        order.require_no_ring(depends, {f"f{each}": f"Column {each}" for each in range(count)})
    assert all(f"Column {each} " in refused.value.message + " " for each in range(count))


@given(edges=st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=40))
def test_columns_that_read_only_earlier_ones_are_never_refused(edges):
    depends: dict[str, set[str]] = {f"f{each}": set() for each in range(16)}
    for one, two in edges:
        if one != two:
            depends[f"f{max(one, two)}"].add(f"f{min(one, two)}")
    order.require_no_ring(depends, {})


def test_references_go_to_ids_and_back_at_any_depth():
    a, b = make_field("Company"), make_field("Job title")
    written = {"prompt": "{{company}} and {{ Job Title }}", "inputs": [{"x": "{{Company}}"}, 5, None], "plain": "text"}

    stored = references.to_ids(written, [a, b])

    assert stored == {
        "prompt": f"{{{{{a.ref}}}}} and {{{{{b.ref}}}}}", "inputs": [{"x": f"{{{{{a.ref}}}}}"}, 5, None], "plain": "text",
    }  # fmt: skip
    assert references.to_ids(stored, [a, b]) == stored
    assert references.to_names(stored, [a, b])["prompt"] == "{{Company}} and {{Job title}}"


@given(name=st.text(min_size=1, max_size=40).filter(lambda text: text.strip() and not set(text) & set("{}\n\r")))
def test_any_column_name_can_be_written_as_a_reference(name):
    field = make_field(" ".join(name.split()))
    if field.name:
        assert references.to_ids(f"{{{{{field.name}}}}}", [field]) == f"{{{{{field.ref}}}}}"


def test_slots_are_given_in_order_and_refused_when_all_are_held():
    assert slots.choose("text", held={"t1", "t3"}) == "t2"
    for storage, count in slots.COUNTS.items():
        with pytest.raises(LimitReached, match=f"at most {count}"):
            slots.choose(storage, held=set(slots.all_slots(storage)))


@pytest.mark.parametrize(
    "text", ["=1+1", "+a", "-a", "@x", "\tx", "\rx", "\0x", "＝1", "＋1", "－1", "＠x", "-1-1", "=cmd|x"]
)
def test_text_a_spreadsheet_would_compute_gets_an_apostrophe(text):
    assert sheets.safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["5", "-5", "+5", "-5.25", "-5,25", "", "a=b", "plain", "'=1", " =1"])
def test_plain_numbers_and_plain_text_stay(text):
    assert sheets.safe(text) == text


@given(st.text(max_size=20))
def test_no_text_leaves_with_a_start_that_computes_unless_it_is_a_plain_number(text):
    shown = sheets.safe(text)
    assert shown.removeprefix("'").startswith(text.removeprefix("'"))
    assert not shown.startswith(("=", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Leads", "attachment; filename=\"Leads.csv\"; filename*=UTF-8''Leads.csv"),
        ("Zürich", "attachment; filename=\"Zurich.csv\"; filename*=UTF-8''Z%C3%BCrich.csv"),
        ("../etc/passwd", "attachment; filename=\"etc passwd.csv\"; filename*=UTF-8''etc%20passwd.csv"),
        ('a"; x="', "attachment; filename=\"a ; x=.csv\"; filename*=UTF-8''a%20%3B%20x%3D.csv"),
        ("株式会社", "attachment; filename=\"table.csv\"; filename*=UTF-8''%E6%A0%AA%E5%BC%8F%E4%BC%9A%E7%A4%BE.csv"),
        ("\r\nSet-Cookie: x", "attachment; filename=\"Set-Cookie x.csv\"; filename*=UTF-8''Set-Cookie%20x.csv"),
    ],
)
def test_a_file_name_is_safe_in_a_header_and_readable_where_it_can_be(name, header):
    assert sheets.attachment(name, "csv") == header


@given(st.text(max_size=300))
def test_no_file_name_breaks_the_header(name):
    header = sheets.attachment(name, "csv")
    assert header.isascii() and header.isprintable() and header.count('"') == 2


def test_a_filter_is_checked_against_the_columns_it_names():
    name, size = make_field("Company"), make_field("Size", kind="number", storage="number", no=2)
    table = make_table(name, size)

    groups = filters.parse_filters(
        [{"field": name.ref, "op": "contains", "value": "acme"}, {"field": "size", "op": "gt", "value": "5"}], table
    )

    assert [(each.field, each.op, each.value) for each in groups[0]] == [
        (name.id, "contains", "acme"),
        (size.id, "gt", 5.0),
    ]
    assert (
        len(
            filters.parse_filters(
                {"or": [[{"field": "Size", "op": "is_empty"}], [{"field": "Size", "op": "is", "value": 1}]]}, table
            )
        )
        == 2
    )


@pytest.mark.parametrize(
    "written",
    [
        "x", 5, {"and": []}, {"or": [5]}, [5], [{"field": "Size"}], [{"field": "Size", "op": "like", "value": 1}],
        [{"field": "Size", "op": "is", "value": "many"}], [{"field": "Size", "op": "is"}],
        [{"field": "Size", "op": "state_is", "value": "nice"}], [{"field": "Sise", "op": "is_empty"}],
        [{"field": "Size", "op": "is_empty"}] * 51,
    ],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_refused(written):
    with pytest.raises((InvalidInput, UnknownReference)):
        filters.parse_filters(written, make_table(make_field("Size", kind="number", storage="number")))


@pytest.mark.parametrize(
    "written", ["x", [{"field": "Nope"}], [{"field": "A", "direction": "up"}], [{"field": "A"}] * 6]
)
def test_a_sort_that_means_nothing_is_refused(written):
    with pytest.raises((InvalidInput, UnknownReference)):
        filters.parse_sorts(written, make_table(make_field("A")))


@given(
    st.one_of(st.text(max_size=50), st.integers(-(2**53), 2**53), st.booleans(), st.lists(st.integers(), max_size=3))
)
def test_any_value_fits_a_text_column_and_reads_back_as_text_without_nul(value):
    stored = values.to_slot("text", value)
    assert stored is None or ("\0" not in stored and stored.encode())


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_as_it_was(number):
    assert values.from_slot("number", values.to_slot("number", number)) == number


@pytest.mark.parametrize("odd", ["many", "nan", "inf", [], {}, "1 2"])
def test_what_is_no_finite_number_is_refused_with_an_example(odd):
    with pytest.raises(InvalidInput, match="number"):
        values.to_slot("number", odd)


def test_a_date_without_a_zone_is_utc_and_reads_back_in_utc():
    assert values.to_slot("timestamp", "2026-11-21") == datetime(2026, 11, 21, tzinfo=UTC)
    assert (
        values.from_slot("timestamp", values.to_slot("timestamp", "2026-11-21T10:00:00+02:00"))
        == "2026-11-21T08:00:00+00:00"
    )
