"""Rows and cells by hand: typed values, history, staleness, taking back, limits."""

import pytest

from spadework.core.errors import InvalidInput, LimitReached, NotFound, UnknownReference
from spadework.core.ids import FieldId, new_id
from spadework.workbooks.actions import cells, pages, rows
from spadework.workbooks.types import EDITED, SIMULATED, PageRequest


async def cell(sheet, row_id, name):
    return await cells.get_cell(sheet.tx, sheet.table_id, row_id, sheet.columns[name].id)


async def set_cell(sheet, row_id, **values):
    edit = {sheet.columns[name].id: value for name, value in values.items()}
    await rows.update_cells(sheet.tx, sheet.table_id, {row_id: edit})


async def test_values_are_stored_by_the_type_of_their_column(sheet):
    await sheet.add("Size", "number")
    await sheet.add("Seen", "date")
    await sheet.add("Raw", "json")
    await sheet.add("Public", "boolean")
    await sheet.fill(
        {"Company": "Acme", "Size": "1,200", "Seen": "2026-11-21", "Raw": {"a": [1, None]}, "Public": "yes"},
        {"Company": "Globex", "Raw": [], "Public": False},
    )
    [first, second] = (await pages.page(sheet.tx, sheet.table_id, PageRequest())).rows
    assert first.values == {1: "Acme", 3: 1200, 4: "2026-11-21T00:00:00+00:00", 5: {"a": [1, None]}, 6: True}
    assert second.values == {1: "Globex", 5: [], 6: False}


async def test_a_value_that_does_not_fit_adds_nothing_and_names_the_column(sheet):
    await sheet.add("Size", "number")
    with pytest.raises(InvalidInput, match=r"^Size: "):
        await sheet.fill({"Company": "Acme", "Size": 5}, {"Company": "Globex", "Size": "many"})
    assert (await sheet.table()).row_count == 0


async def test_an_edit_keeps_what_was_there_and_can_be_taken_back(sheet):
    [row_id] = await sheet.fill({"Company": "Acme"})
    await set_cell(sheet, row_id, Company="Acme Ltd")
    await set_cell(sheet, row_id, Company="Acme Inc")

    detail = await cell(sheet, row_id, "Company")
    assert [each.value for each in detail.versions] == ["Acme Inc", "Acme Ltd", "Acme"]
    assert (detail.value, detail.state, detail.marks) == ("Acme Inc", "done", EDITED)

    await cells.restore(sheet.tx, sheet.table_id, row_id, sheet.columns["Company"].id, detail.versions[2].id)
    assert (await cell(sheet, row_id, "Company")).value == "Acme"


async def test_a_cell_that_is_emptied_by_hand_is_empty_and_still_says_it_was_edited(sheet):
    [row_id] = await sheet.fill({"Company": "Acme"})
    await set_cell(sheet, row_id, Company="")
    detail = await cell(sheet, row_id, "Company")
    assert (detail.value, detail.state, detail.marks) == (None, "empty", EDITED)


async def test_what_was_computed_from_an_edited_cell_turns_stale_through_every_column_between(sheet):
    await sheet.add("Shout", "formula", {"expression": "{{Company}}"})
    await sheet.add("Twice", "formula", {"expression": "{{Shout}}"})
    await sheet.add("Other", "formula", {"expression": "{{Domain}}"})
    first, second = await sheet.fill({"Company": "A", "Domain": "a"}, {"Company": "B", "Domain": "b"})
    for row_id in (first, second):
        await set_cell(sheet, row_id, Shout="x")
        await set_cell(sheet, row_id, Twice="y", Other="z")

    await set_cell(sheet, first, Company="C")

    states = {
        (row_id, name): (await cell(sheet, row_id, name)).state
        for row_id in (first, second)
        for name in ("Shout", "Twice", "Other")
    }
    assert {key for key, state in states.items() if state == "stale"} == {(first, "Shout"), (first, "Twice")}


async def test_a_restored_value_that_was_simulated_is_marked_simulated_again(sheet):
    shout = await sheet.add("Shout", "formula", {"expression": "{{Company}}"})
    [row_id] = await rows.add_rows(
        sheet.tx, sheet.table_id, [{shout.id: "simulated text"}], source="directory", marks=SIMULATED
    )
    await set_cell(sheet, row_id, Shout="typed")
    earlier = (await cell(sheet, row_id, "Shout")).versions[-1]

    detail = await cells.restore(sheet.tx, sheet.table_id, row_id, shout.id, earlier.id)

    assert (detail.value, detail.marks) == ("simulated text", SIMULATED | EDITED)


async def test_editing_a_row_that_is_gone_changes_nothing(sheet):
    first, second = await sheet.fill({"Company": "A"}, {"Company": "B"})
    await rows.delete_rows(sheet.tx, sheet.table_id, [second])
    company = sheet.columns["Company"].id
    with pytest.raises(InvalidInput, match=f"Row {second} is not in"):
        await rows.update_cells(sheet.tx, sheet.table_id, {first: {company: "X"}, second: {company: "Y"}})
    assert (await cell(sheet, first, "Company")).value == "A"
    with pytest.raises(NotFound):
        await cell(sheet, second, "Company")


async def test_a_column_of_another_table_is_refused(sheet, make_sheet):
    other = await make_sheet(("Elsewhere",))
    with pytest.raises(UnknownReference):
        await rows.add_rows(sheet.tx, sheet.table_id, [{other.columns["Elsewhere"].id: "x"}], source="typed")
    with pytest.raises(UnknownReference):
        await rows.add_rows(sheet.tx, sheet.table_id, [{FieldId(new_id()): "x"}], source="typed")


async def test_row_ids_are_never_given_twice(sheet):
    first = await sheet.fill({"Company": "A"}, {"Company": "B"})
    await rows.delete_rows(sheet.tx, sheet.table_id, first)
    assert min(await sheet.fill({"Company": "C"})) > max(first)


async def test_deleting_counts_only_rows_that_were_there(sheet):
    row_ids = await sheet.fill({"Company": "A"}, {"Company": "B"})
    assert await rows.delete_rows(sheet.tx, sheet.table_id, [row_ids[0], 999_999]) == 1
    assert (await sheet.table()).row_count == 1


async def test_a_table_takes_at_most_a_million_rows(sheet):
    await sheet.tx.execute(
        "update tables set row_count = 999999 where account_id = $1 and id = $2", sheet.tx.account, sheet.table_id
    )
    with pytest.raises(LimitReached, match="1,000,000 rows"):
        await sheet.fill({"Company": "A"}, {"Company": "B"})


async def test_a_nul_in_a_typed_text_does_not_reach_the_database(sheet):
    [row_id] = await sheet.fill({"Company": "a\0b"})
    assert (await cell(sheet, row_id, "Company")).value in ("ab", "a\N{REPLACEMENT CHARACTER}b")
