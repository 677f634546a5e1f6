"""Pages of rows: found by counted blocks, filtered, sorted, searched; with the state of every cell."""

import random

import pytest

from spadework.core.errors import InvalidInput, NotFound, UnknownReference
from spadework.core.ids import new_id
from spadework.workbooks.actions import pages, rows, running, tables
from spadework.workbooks.rules import filters
from spadework.workbooks.types import PageRequest, RunRequest, Sort


async def page_of(sheet, *, written=None, sorts=(), search="", offset=0, limit=200):
    table = await sheet.table()
    request = PageRequest(
        offset=offset, limit=limit, filters=filters.parse_filters(written, table), sorts=sorts, search=search
    )
    return await pages.page(sheet.tx, sheet.table_id, request)


async def names_of(sheet, **asked):
    return [each.values.get(1) for each in (await page_of(sheet, **asked)).rows]


@pytest.fixture
async def cities(make_sheet):
    sheet = await make_sheet(("Company",))
    await sheet.add("Size", "number")
    await sheet.add("Seen", "date")
    await sheet.fill(
        {"Company": "Acme", "Size": 10, "Seen": "2026-01-05"},
        {"Company": "Globex", "Size": 200},
        {"Company": "Initech 100%", "Seen": "2025-06-01"},
        {"Company": None, "Size": 5},
    )
    return sheet


async def test_every_page_of_a_table_with_holes_shows_exactly_the_rows_that_are_left_in_order(make_sheet):
    sheet = await make_sheet(("Company",))
    row_ids: list[int] = []
    for _ in range(4):
        row_ids += await sheet.fill(*({"Company": f"c{each}"} for each in range(700)))
    chance = random.Random(7)
    gone = set(chance.sample(row_ids, 900)) | set(row_ids[1000:1990])
    await rows.delete_rows(sheet.tx, sheet.table_id, sorted(gone))
    left = [each for each in row_ids if each not in gone]

    for offset in (0, 1, 199, 200, 555, len(left) - 1, len(left), len(left) + 5):
        page = await page_of(sheet, offset=offset)
        assert [each.row_id for each in page.rows] == left[offset : offset + 200], offset
        assert page.total == len(left)


async def test_a_block_that_was_emptied_and_filled_again_counts_right(make_sheet):
    sheet = await make_sheet(("Company",))
    first = await sheet.fill(*({"Company": str(each)} for each in range(1000)))
    await rows.delete_rows(sheet.tx, sheet.table_id, first)
    later = await sheet.fill({"Company": "x"}, {"Company": "y"})
    assert [each.row_id for each in (await page_of(sheet)).rows] == later
    assert [each.row_id for each in (await page_of(sheet, offset=1)).rows] == later[1:]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ([{"field": "Company", "op": "is", "value": "Acme"}], ["Acme"]),
        ([{"field": "Company", "op": "is_not", "value": "Acme"}], ["Globex", "Initech 100%", None]),
        ([{"field": "Company", "op": "contains", "value": "EX"}], ["Globex"]),
        ([{"field": "Company", "op": "contains", "value": "100%"}], ["Initech 100%"]),
        ([{"field": "Company", "op": "contains", "value": "_"}], []),
        ([{"field": "Company", "op": "is_empty"}], [None]),
        ([{"field": "Size", "op": "is_not_empty"}, {"field": "Size", "op": "lt", "value": 100}], ["Acme", None]),
        ([{"field": "Size", "op": "gte", "value": 10}], ["Acme", "Globex"]),
        ([{"field": "Seen", "op": "gt", "value": "2025-12-31"}], ["Acme"]),
        ([{"field": "Size", "op": "contains", "value": "20"}], ["Globex"]),
        (
            {"or": [[{"field": "Size", "op": "is", "value": 5}], [{"field": "Company", "op": "is", "value": "Acme"}]]},
            ["Acme", None],
        ),
        ([{"field": "Company", "op": "is", "value": "'; drop table rows; --"}], []),
        ([{"field": "Company", "op": "is", "value": "nobody"}], []),
    ],
)
async def test_a_filter_leaves_exactly_the_rows_it_describes(cities, written, names):
    assert await names_of(cities, written=written) == names
    assert (await page_of(cities, written=written)).total == len(names)


async def test_rows_are_sorted_by_value_with_blanks_last_either_way(cities):
    size = cities.columns["Size"].id
    assert await names_of(cities, sorts=(Sort(field=size),)) == [None, "Acme", "Globex", "Initech 100%"]
    assert await names_of(cities, sorts=(Sort(field=size, is_descending=True),)) == [
        "Globex",
        "Acme",
        None,
        "Initech 100%",
    ]
    assert await names_of(cities, sorts=(Sort(field=size),), offset=1, limit=2) == ["Acme", "Globex"]


async def test_a_search_leaves_the_transaction_the_time_it_had_for_each_question(cities):
    await cities.tx.execute("set local statement_timeout = '7s'")
    await names_of(cities, search="acme")
    assert await cities.tx.fetchval("show statement_timeout") == "7s"


async def test_a_search_looks_into_every_shown_column_whatever_the_case(cities):
    assert await names_of(cities, search="GLOB") == ["Globex"]
    assert await names_of(cities, search="200") == ["Globex"]
    assert await names_of(cities, search="nothing like it") == []


async def test_hidden_columns_are_not_read(cities):
    from spadework.workbooks.actions import fields

    await fields.update_field(cities.tx, cities.columns["Size"].id, is_hidden=True, by=None)
    assert (await page_of(cities, limit=1)).rows[0].values == {1: "Acme", 3: "2026-01-05T00:00:00+00:00"}


async def test_a_page_out_of_range_is_refused(cities):
    for offset, limit in ((-1, 10), (0, 1001), (0, -1)):
        with pytest.raises(InvalidInput):
            await page_of(cities, offset=offset, limit=limit)


async def test_cells_an_open_run_covers_show_as_queued_until_it_has_written_them(sheet):
    shout = await sheet.add("Shout", "formula", {"expression": "{{Company}}"})
    first, _, third = await sheet.fill({"Company": "A"}, {"Company": "B"}, {"Company": "C"})
    await rows.update_cells(sheet.tx, sheet.table_id, {third: {shout.id: "typed"}})
    request = RunRequest(table_id=sheet.table_id, field_ids=(shout.id,), mode="empty")
    run = await running.start_run(sheet.tx, request, by=None)
    await sheet.tx.execute(
        "insert into cell_state (account_id, table_id, row_id, field_no, state, run_id) values ($1, $2, $3, $4, 'done', $5)",
        sheet.tx.account, sheet.table_id, first, shout.no, run.id,
    )  # fmt: skip

    page = await page_of(sheet)

    assert [each.cells[shout.no].state for each in page.rows] == ["done", "queued", "done"]
    await running.stop(sheet.tx, sheet.table_id, by=None)
    assert shout.no not in (await page_of(sheet)).rows[1].cells


async def test_only_the_rows_a_run_names_show_as_queued(sheet):
    shout = await sheet.add("Shout", "formula", {"expression": "{{Company}}"})
    _, second, _ = await sheet.fill({"Company": "A"}, {"Company": "B"}, {"Company": "C"})
    request = RunRequest(table_id=sheet.table_id, field_ids=(shout.id,), mode="selected", row_ids=(second,))
    await running.start_run(sheet.tx, request, by=None)
    assert [shout.no in each.cells for each in (await page_of(sheet)).rows] == [False, True, False]


async def test_rows_can_be_filtered_by_the_state_of_their_cells(sheet):
    shout = await sheet.add("Shout", "formula", {"expression": "{{Company}}"})
    first, _, third = await sheet.fill({"Company": "A"}, {"Company": "B"}, {"Company": None})
    for row_id, state in ((first, "failed"), (third, "done")):
        await sheet.tx.execute(
            "insert into cell_state (account_id, table_id, row_id, field_no, state) values ($1, $2, $3, $4, $5)",
            sheet.tx.account, sheet.table_id, row_id, shout.no, state,
        )  # fmt: skip
    for states, expected in ((["failed"], ["A"]), (["empty"], ["B"]), (["failed", "done"], ["A", None])):
        assert await names_of(sheet, written=[{"field": "Shout", "op": "state_is", "value": states}]) == expected
    assert await names_of(sheet, written=[{"field": "Company", "op": "state_is", "value": "empty"}]) == [None]


async def test_states_are_counted_over_all_rows_and_add_up_to_them(sheet):
    shout = await sheet.add("Shout", "formula", {"expression": "{{Company}}"})
    row_ids = await sheet.fill(*({"Company": "A" if each % 3 else None} for each in range(9)))
    for row_id in row_ids[:4]:
        await sheet.tx.execute(
            "insert into cell_state (account_id, table_id, row_id, field_no, state) values ($1, $2, $3, $4, 'failed')",
            sheet.tx.account, sheet.table_id, row_id, shout.no,
        )  # fmt: skip
    assert await pages.counts(sheet.tx, sheet.table_id) == {
        sheet.columns["Company"].id: {"done": 6, "empty": 3},
        sheet.columns["Domain"].id: {"done": 0, "empty": 9},
        shout.id: {"failed": 4, "empty": 5},
    }


async def test_a_whole_table_can_be_walked_in_stretches(sheet):
    row_ids = await sheet.fill(*({"Company": str(each)} for each in range(25)))
    seen: list[int] = []
    while found := await pages.read_columns(
        sheet.tx, sheet.table_id, [sheet.columns["Company"].id], after=seen[-1] if seen else 0, limit=10
    ):
        seen += [each.row_id for each in found]
    assert seen == row_ids


async def test_a_table_whose_question_has_a_kept_plan_is_not_found_from_another_account(tx, make_sheet):
    sheet = await make_sheet()
    for _ in range(10):  # Postgres keeps a plan from the sixth time on
        assert (await sheet.table()).id == sheet.table_id
    await tx.execute(f"set local app.account_id = '{new_id()}'")
    assert await tx.fetchval("select find_table($1, $2)", tx.account, sheet.table_id) is None


async def test_another_accounts_table_and_view_are_not_found(tx):
    with pytest.raises(NotFound):
        await pages.page(tx, new_id(), PageRequest())
    with pytest.raises(NotFound):
        await tables.get_view(tx, new_id())


async def test_a_view_with_a_filter_on_a_column_that_is_not_there_is_refused(sheet):
    with pytest.raises(UnknownReference):
        await tables.create_view(
            sheet.tx,
            sheet.table_id,
            "Mine",
            filters_json=[{"field": "Nope", "op": "is_empty"}],
            sorts_json=[],
            columns={},
        )
