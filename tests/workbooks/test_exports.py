"""Exporting a table: spreadsheet-safe, in pieces, simulated values marked beside them."""

import csv
import io

import asyncpg
import pytest

from spadework.clients import actions as clients
from spadework.core import db
from spadework.core.errors import DatabaseUnavailable, InvalidInput, NotFound, UnknownReference
from spadework.core.ids import new_id
from spadework.workbooks.actions import asking, exports, fields, pages, rows, tables, workbooks
from spadework.workbooks.rules import sheets
from spadework.workbooks.types import SIMULATED, NewField, PageRequest


@pytest.fixture
async def table(database, account):
    """A committed table: an export reads its own snapshot."""
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


@pytest.mark.parametrize(
    ("filter_text", "sort_text", "search"),
    [
        (None, None, "c1"),
        ('[{"field": "Size", "op": "lt", "value": 4}]', None, ""),
        ("[]", '[{"field": "Size", "direction": "asc"}]', ""),
        (
            '{"or": [[{"field": "Company", "op": "is", "value": "c3"}], [{"field": "Size", "op": "is_empty"}]]}',
            "[]",
            "",
        ),
        (None, '[{"field": "Company", "direction": "desc"}]', "HIDDEN"),
        (None, None, "nowhere"),
    ],
)
async def test_what_is_asked_of_a_page_gives_the_same_rows_as_a_file(
    database, account, table, filter_text, sort_text, search
):
    records = [
        {"Company": f"c{each}", "Mail": "hidden@example.com" if each % 2 else "", "Size": each} for each in range(12)
    ]
    await fill(database, account, table, *records, {"Company": "c12"})
    mail = table.find_field_by_name("Mail")
    async with database.transaction(account) as tx:
        view = await tables.create_view(
            tx, table.id, "Large", filters_json=[{"field": "Size", "op": "gte", "value": 2}],
            sorts_json=[{"field": "Size", "direction": "desc"}], columns={"order": [], "hidden": [str(mail.id)]},
        )  # fmt: skip
        wanted = asking.page_of(
            await tables.get_table(tx, table.id), view.id, filter_text=filter_text, sort_text=sort_text, search=search,
            offset=0, limit=100,
        )  # fmt: skip
        page = await pages.page(tx, table.id, wanted)
    exported = await read(
        database, account, table, view_id=view.id, filter_text=filter_text, sort_text=sort_text, search=search
    )
    company = table.find_field_by_name("Company").no
    assert [row[0] for row in exported[1:]] == [row.values[company] for row in page.rows]


async def test_a_filter_a_sort_and_a_search_do_without_a_view(database, account, table):
    await fill(database, account, table, *({"Company": f"c{each}", "Size": each} for each in range(20)))
    exported = await read(
        database, account, table, filter_text='[{"field": "Size", "op": "gt", "value": 9}]',
        sort_text='[{"field": "Size", "direction": "desc"}]', search="c1",
    )  # fmt: skip
    assert [row[0] for row in exported[1:]] == [f"c{each}" for each in range(19, 9, -1)]


async def test_columns_come_in_the_views_order_and_new_ones_after_them(database, account, table):
    await fill(database, account, table, {"Company": "c", "Mail": "a@example.com", "Size": 1})
    company, _, size = table.fields
    async with database.transaction(account) as tx:
        view = await tables.create_view(
            tx, table.id, "Ordered", filters_json=[], sorts_json=[],
            columns={"order": [str(size.id), str(company.id)], "hidden": [], "widths": {}},
        )  # fmt: skip
    assert (await read(database, account, table, view_id=view.id))[0] == ["Size", "Company", "Mail"]


async def test_a_blank_cell_that_stands_alone_is_a_row_all_the_same(database, account, table):
    await fill(database, account, table, {"Company": "c"}, {"Mail": "a@example.com"})
    _, mail, size = table.fields
    async with database.transaction(account) as tx:
        view = await tables.create_view(
            tx, table.id, "One", filters_json=[], sorts_json=[], columns={"hidden": [str(mail.id), str(size.id)]}
        )
    assert await read(database, account, table, view_id=view.id) == [["Company"], ["c"], [""]]


async def test_a_wrong_filter_and_a_view_without_columns_are_refused_before_anything_is_sent(database, account, table):
    for wrong in ({"filter_text": "[{]"}, {"sort_text": '{"field": "Size"}'}):
        with pytest.raises(InvalidInput):
            await read(database, account, table, **wrong)
    with pytest.raises(UnknownReference):
        await read(database, account, table, sort_text='[{"field": "Nope"}]')
    async with database.transaction(account) as tx:
        hidden = [str(each.id) for each in table.fields]
        view = await tables.create_view(
            tx, table.id, "Bare", filters_json=[], sorts_json=[], columns={"hidden": hidden}
        )
    with pytest.raises(InvalidInput, match="shows no column"):
        await read(database, account, table, view_id=view.id)


async def test_an_export_comes_in_pieces_and_holds_every_row_once(database, account, table):
    words = "x" * 400
    for start in range(0, 3000, 1000):
        await fill(database, account, table, *({"Company": f"{each} {words}"} for each in range(start, start + 1000)))
    pieces = [piece async for piece in exports.export_csv(database, account, table.id)]
    assert len(pieces) > 5
    assert max(len(each) for each in pieces) < 400_000
    assert [line.split()[0] for line in "".join(pieces).splitlines()[1:]] == [str(each) for each in range(3000)]


async def test_whoever_stops_reading_in_the_middle_leaves_no_connection_behind(addresses, account, table, database):
    await fill(database, account, table, *({"Company": "x" * 3000} for _ in range(1000)))
    own = await db.connect(addresses.app, max_size=1)
    pieces = exports.export_csv(own, account, table.id)
    for _ in range(3):
        await anext(pieces)
    await pieces.aclose()
    async with own.read(account) as tx:
        assert await tx.fetchval("select count(*) from rows") == 1000
    await own.close()


async def test_a_database_that_breaks_off_in_the_middle_ends_the_export_with_an_error(
    addresses, account, table, database
):
    await fill(database, account, table, *({"Company": "x" * 3000} for _ in range(1000)))
    pieces = exports.export_csv(database, account, table.id)
    for _ in range(2):
        await anext(pieces)
    admin = await asyncpg.connect(addresses.admin)
    await admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'COPY (select%'"
        " and datname = current_database()"  # the other test processes use the same server
    )
    await admin.close()
    with pytest.raises(DatabaseUnavailable):
        [piece async for piece in pieces]


async def test_the_database_makes_text_safe_by_the_same_rule_as_headers_and_rejects(database, account, table):
    tails = ("", "1", "1.5", "1,5", "1.5.5", "1\n", "x", '"', ", ;", "\r\n", "\N{ARABIC-INDIC DIGIT THREE}")
    texts = [start + tail for start in "=+-@\t\r＝＋－＠1a'\"" for tail in tails]
    await fill(database, account, table, *({"Company": each} for each in texts))
    async with database.read(account) as tx:
        page = await pages.page(tx, table.id, PageRequest(limit=1000))
    stored = [row.values.get(table.fields[0].no, "") for row in page.rows]
    exported = await read(database, account, table)
    assert [row[0] for row in exported[1:]] == [sheets.safe(each) for each in stored]
    assert set(texts) & set(stored) >= {each for each in texts if each == each.strip()}


@pytest.mark.parametrize(
    ("kind", "given", "text"),
    [
        ("number", 0, "0"),
        ("number", -5, "-5"),
        ("number", 1.5, "1.5"),
        ("number", -2.25, "-2.25"),
        ("number", 123456789012345, "123456789012345"),
        ("number", -1e-7, "'-1e-07"),
        ("date", "2026-11-21T09:30:00+02:00", "2026-11-21T07:30:00+00:00"),
        ("date", "2026-11-21T09:30:00.000120Z", "2026-11-21T09:30:00.000120+00:00"),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("json", '"=1"', "'=1"),
        ("json", '{"ä": ["\\"", 1.5, null]}', '{"ä": ["\\"", 1.5, null]}'),
    ],
)
async def test_each_kind_of_value_is_written_in_one_form(database, account, table, kind, given, text):
    async with database.transaction(account) as tx:
        await fields.add_field(tx, table.id, NewField(name="Value", kind=kind), by=None)
        table = await tables.get_table(tx, table.id)
    await fill(database, account, table, {"Value": given})
    assert (await read(database, account, table))[1] == ["", "", "", text]


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
