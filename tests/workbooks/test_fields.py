"""Adding, changing and deleting columns: references by id, rings, slots, limits."""

import pytest

from spadework.core.errors import Conflict, CyclicReference, InvalidInput, LimitReached, NotFound, UnknownReference
from spadework.core.ids import new_id
from spadework.workbooks.actions import cells, fields, pages, rows, running, tables
from spadework.workbooks.types import PageRequest, RunRequest


async def test_a_prompt_names_columns_by_id_once_stored_and_survives_their_renaming(sheet):
    ai = await sheet.add("Fit", "ai", {"prompt": "Is {{ company }} at {{Domain}} a fit?"})

    assert ai.settings["prompt"] == (
        f"Is {{{{{sheet.columns['Company'].ref}}}}} at {{{{{sheet.columns['Domain'].ref}}}}} a fit?"
    )
    await fields.update_field(sheet.tx, sheet.columns["Company"].id, name="Firm", by=None)
    table = await sheet.table()
    shown, _ = fields.show_settings(await fields.get_field(sheet.tx, ai.id), table)
    assert shown["prompt"] == "Is {{Firm}} at {{Domain}} a fit?"


async def test_an_unknown_column_in_a_prompt_is_refused_with_the_closest_name_and_nothing_is_added(sheet):
    with pytest.raises(UnknownReference, match="Did you mean 'Company'"):
        await sheet.add("Fit", "ai", {"prompt": "Is {{Compny}} a fit?"})
    assert [each.name for each in (await sheet.table()).fields] == ["Company", "Domain"]


async def test_columns_that_would_wait_for_each_other_are_refused_naming_the_ring(sheet):
    a = await sheet.add("A", "ai", {"prompt": "{{Company}}"})
    await sheet.add("B", "ai", {"prompt": "{{A}}"})
    await sheet.add("C", "ai", {"prompt": "{{Company}}"}, condition="!!{{B}}")

    with pytest.raises(CyclicReference, match=r"A → C → B → A|C → B → A → C|B → A → C → B"):
        await fields.update_field(sheet.tx, a.id, settings={"prompt": "{{C}}"}, by=None)


async def test_a_column_that_reads_itself_is_refused(sheet):
    a = await sheet.add("A", "ai", {"prompt": "{{Company}}"})
    with pytest.raises(CyclicReference, match="A → A"):
        await fields.update_field(sheet.tx, a.id, settings={"prompt": "{{A}}"}, by=None)


async def test_reading_an_output_of_the_own_column_is_a_ring_too(sheet):
    a = await sheet.add("A", "ai", {"prompt": "{{Company}}"}, outputs=["score"])
    with pytest.raises(CyclicReference, match="score"):
        await fields.update_field(sheet.tx, a.id, condition="!{{score}}", by=None)


async def test_outputs_become_typed_columns_right_of_their_column(sheet):
    await sheet.add("Fit", "ai", {"prompt": "{{Company}}"}, outputs=["score", "reasoning"], position=1)
    table = await sheet.table()

    assert [each.name for each in table.fields] == ["Company", "Fit", "score", "reasoning", "Domain"]
    score = table.find_field_by_name("SCORE")
    assert score is not None
    assert (score.storage, score.slot[0], score.output_of, score.output_name) == (
        "number", "n", sheet.columns["Fit"].id, "score",
    )  # fmt: skip


async def test_an_output_the_kind_does_not_have_is_refused(sheet):
    with pytest.raises(InvalidInput, match=r"no output 'scores'\. Did you mean 'score'"):
        await sheet.add("Fit", "ai", {"prompt": "{{Company}}"}, outputs=["scores"])


async def test_settings_that_the_kind_refuses_name_the_setting(sheet):
    with pytest.raises(InvalidInput, match="max_tokens"):
        await sheet.add("Fit", "ai", {"prompt": "{{Company}}", "max_tokens": 1})


async def test_a_condition_that_cannot_be_read_is_refused(sheet):
    with pytest.raises(InvalidInput, match="condition"):
        await sheet.add("Fit", "ai", {"prompt": "{{Company}}"}, condition="{{Company}} == ")


async def test_a_condition_on_a_typed_column_is_refused(sheet):
    with pytest.raises(InvalidInput, match="never be asked"):
        await sheet.add("Note", "text", condition="!!{{Company}}")


async def test_two_columns_of_one_name_are_refused_whatever_the_case(sheet):
    with pytest.raises(InvalidInput, match="already a column 'company'"):
        await sheet.add("company")


async def test_new_settings_make_filled_cells_stale_and_raise_the_version(sheet):
    fit = await sheet.add("Fit", "ai", {"prompt": "{{Company}}"})
    [row_id] = await sheet.fill({"Company": "Acme"})
    await rows.update_cells(sheet.tx, sheet.table_id, {row_id: {fit.id: True}})

    changed = await fields.update_field(sheet.tx, fit.id, settings={"prompt": "Look at {{Company}}"}, by=None)

    assert changed.settings_version == fit.settings_version + 1
    assert (await cells.get_cell(sheet.tx, sheet.table_id, row_id, fit.id)).state == "stale"


async def test_a_column_others_read_is_deleted_only_when_forced(sheet):
    fit = await sheet.add("Fit", "ai", {"prompt": "{{Company}}"})
    company = sheet.columns["Company"]

    with pytest.raises(Conflict, match="read by Fit") as refused:
        await fields.delete_field(sheet.tx, company.id)
    assert refused.value.details == {"field_ids": [str(fit.id)]}

    await fields.delete_field(sheet.tx, company.id, force=True)
    assert [each.name for each in (await sheet.table()).fields] == ["Domain", "Fit"]


async def test_outputs_of_a_deleted_column_stay_as_plain_columns_with_their_values(sheet):
    fit = await sheet.add("Fit", "ai", {"prompt": "{{Company}}"}, outputs=["score"])
    [row_id] = await sheet.fill({"Company": "Acme", "score": 7})

    await fields.delete_field(sheet.tx, fit.id)

    score = (await sheet.table()).find_field_by_name("score")
    assert score is not None
    assert score.output_of is None
    assert (await cells.get_cell(sheet.tx, sheet.table_id, row_id, score.id)).value == 7


async def test_a_column_being_filled_can_neither_be_deleted_nor_given_new_settings(sheet):
    shout = await sheet.add("Shout", "formula", {"expression": "{{Company}}"})
    await sheet.fill({"Company": "Acme"})
    await running.start_run(sheet.tx, RunRequest(table_id=sheet.table_id, field_ids=(shout.id,)), by=None)

    with pytest.raises(Conflict, match="Stop it first"):
        await fields.delete_field(sheet.tx, shout.id)
    with pytest.raises(Conflict, match="Stop it first"):
        await fields.update_field(sheet.tx, shout.id, settings={"expression": "{{Domain}}"}, by=None)


async def test_a_slot_of_a_deleted_column_is_reused_only_after_its_values_were_cleared(make_sheet):
    sheet = await make_sheet(())
    for number in range(20):
        await sheet.add(f"When {number}", "date")
    [row_id] = await sheet.fill({"When 3": "2026-11-21"})

    with pytest.raises(LimitReached, match="at most 20 columns that store timestamp"):
        await sheet.add("One too many", "date")

    await fields.delete_field(sheet.tx, sheet.columns["When 3"].id)
    later = await sheet.add("Later", "date")

    assert later.slot == sheet.columns["When 3"].slot
    assert (await cells.get_cell(sheet.tx, sheet.table_id, row_id, later.id)).value is None


async def test_a_table_takes_at_most_200_columns(make_sheet):
    sheet = await make_sheet(())
    for kind, count in (("text", 120), ("number", 40), ("date", 20), ("json", 20)):
        for number in range(count):
            await sheet.add(f"{kind} {number}", kind)
    with pytest.raises(LimitReached, match="at most 200 columns"):
        await sheet.add("One too many")


async def test_moving_a_column_keeps_every_other_in_order(sheet):
    await sheet.add("City")
    await fields.update_field(sheet.tx, sheet.columns["City"].id, position=0, by=None)
    assert [each.name for each in (await sheet.table()).fields] == ["City", "Company", "Domain"]


async def test_a_settings_change_that_changes_the_type_moves_the_column_to_an_empty_slot(sheet):
    fit = await sheet.add("Fit", "ai", {"prompt": "{{Company}}", "output_fields": {"score": "number"}})
    [row_id] = await sheet.fill({"Company": "Acme", "Fit": 4})

    changed = await fields.update_field(
        sheet.tx, fit.id, settings={"prompt": "{{Company}}", "output_fields": {"score": "text"}}, by=None
    )

    assert (fit.storage, changed.storage) == ("number", "text")
    assert (await pages.page(sheet.tx, sheet.table_id, PageRequest())).rows[0].values == {1: "Acme"}
    assert (await cells.get_cell(sheet.tx, sheet.table_id, row_id, fit.id)).state == "stale"


async def test_another_accounts_column_is_not_found(tx):
    with pytest.raises(NotFound):
        await fields.get_field(tx, new_id())
    with pytest.raises(NotFound):
        await tables.get_table(tx, new_id())
