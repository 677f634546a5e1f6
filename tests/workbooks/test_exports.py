"""Exporting a table: spreadsheet-safe, in pieces, simulated values marked beside them."""

import csv
import io

import pytest

from spadework.core.errors import NotFound
from spadework.core.ids import new_id
from spadework.workbooks.actions import exports, fields, rows, tables, workbooks
from spadework.workbooks.types import SIMULATED, NewField


@pytest.fixture
async def table(database, account):
    """A committed table: an export reads its own snapshot."""
    from spadework.clients import actions as clients

    async with database.transaction(account) as tx:
        client = await clients.create(tx, "Example Client")
        made = await workbooks.create_workbook(tx, client.id, "Leads", is_training=True, by=None)
        for name, kind in (("Company", "text"), ("Mail", "email"), ("Size", "number")):
            await fields.add_field(tx, made.table.id, NewField(name=name, kind=kind), by=None)
        return await tables.get_table(tx, made.table.id)


async def fill(database, account, table, *records, marks=0):
    async with database.transaction(account) as tx:
        given = [{table.find_field_by_name(name).id: value for name, value in each.items()} for each in records]
        await rows.add_rows(tx, table.id, given, source="typed", marks=marks)


async def read(database, account, table, **options):
    text = "".join([piece async for piece in exports.export_csv(database, account, table.id, **options)])
    return list(csv.reader(io.StringIO(text, newline="")))


async def test_an_export_is_safe_to_open_in_a_spreadsheet_and_raw_is_not_changed(database, account, table):
    await fill(
        database, account, table, {"Company": "=1+1"}, {"Company": 'say "hi"\n@all', "Size": -5}, {"Company": "-5"}
    )
    assert await read(database, account, table) == [
        ["Company", "Mail", "Size"], ["'=1+1", "", ""], ['say "hi"\n@all', "", "-5"], ["-5", "", ""],
    ]  # fmt: skip
    assert (await read(database, account, table, is_raw=True))[1] == ["=1+1", "", ""]


async def test_a_column_with_simulated_values_says_beside_them_which(database, account, table):
    await fill(database, account, table, {"Mail": "a@simulated.example"}, marks=SIMULATED)
    await fill(database, account, table, {"Mail": "b@example.com"}, {"Company": "C"})
    assert await read(database, account, table) == [
        ["Company", "Mail", "Mail (simulated)", "Size"],
        ["", "a@simulated.example", "simulated", ""],
        ["", "b@example.com", "", ""],
        ["C", "", "", ""],
    ]


async def test_a_view_exports_its_rows_in_its_order_without_its_hidden_columns(database, account, table):
    await fill(database, account, table, *({"Company": f"c{each}", "Size": each} for each in range(5)))
    size = table.find_field_by_name("Size")
    async with database.transaction(account) as tx:
        view = await tables.create_view(
            tx, table.id, "Large", filters_json=[{"field": "Size", "op": "gte", "value": 2}],
            sorts_json=[{"field": "Size", "direction": "desc"}], columns={"hidden": [str(size.id)]},
        )  # fmt: skip
    exported = await read(database, account, table, view_id=view.id)
    assert exported == [["Company", "Mail"], ["c4", ""], ["c3", ""], ["c2", ""]]


async def test_an_export_comes_in_pieces_and_holds_every_row_once(database, account, table):
    for start in range(0, 3000, 1000):
        await fill(database, account, table, *({"Company": f"c{each}"} for each in range(start, start + 1000)))
    pieces = [piece async for piece in exports.export_csv(database, account, table.id)]
    assert len(pieces) == 4
    assert [line.split(",")[0] for line in "".join(pieces).splitlines()[1:]] == [f"c{each}" for each in range(3000)]


async def test_an_export_of_nothing_is_its_header(database, account, table):
    assert await read(database, account, table) == [["Company", "Mail", "Size"]]


async def test_another_tables_view_and_no_table_are_not_found(database, account, table):
    with pytest.raises(NotFound):
        await read(database, account, table, view_id=new_id())
    async with database.transaction(account) as tx:
        other = await tables.create_table(tx, table.workbook_id, "Other")
    with pytest.raises(NotFound):
        await read(database, account, table, view_id=other.views[0].id)


async def test_the_file_is_named_after_workbook_and_table(database, account, table):
    header = await exports.file_name(database, account, table.id)
    assert header.startswith('attachment; filename="Leads - Companies.csv"')
