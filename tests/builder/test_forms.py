"""What each operation of the form writes, run as the exported script on real files."""

import datetime
from pathlib import Path

from tests.builder.running import read_workbook, run_form, workbook

ORDERS = "order,day,customer,amount\nA1,05/01/2024,Aster,10.50\nA2,06/01/2024,Birch,20\nA3,,Cedar,1\n"


def test_merging_by_date_puts_rows_of_the_same_day_together_however_the_day_is_written(tmp_path: Path) -> None:
    rates = workbook({"Rates": [["date", "rate"], [datetime.date(2024, 1, 5), 1.1], [datetime.date(2024, 1, 9), 1.2]]})
    settings = {"left_columns": ["day"], "right_columns": ["date"], "compare_as": "date", "keep": "all"}
    run = run_form("merge", settings, {"orders.csv": ORDERS, "rates.xlsx": rates}, tmp_path)
    assert run.rows("merged.csv") == [
        ["order", "day", "customer", "amount", "rate"],
        ["A1", "05/01/2024", "Aster", "10.50", "1.1"],
        ["A2", "06/01/2024", "Birch", "20", ""],
        ["A3", "", "Cedar", "1", ""],
        ["", "2024-01-09", "", "", "1.2"],
    ]


def test_merging_keeps_only_rows_with_a_partner_when_asked(tmp_path: Path) -> None:
    people = "Customer,city\nASTER ,Oslo\naster,Bergen\n,Nowhere\n"
    settings = {"left_columns": ["customer"], "right_columns": ["Customer"], "keep": "matching"}
    run = run_form("merge", settings, {"orders.csv": ORDERS, "people.csv": people}, tmp_path)
    assert run.rows("merged.csv")[1:] == [
        ["A1", "05/01/2024", "Aster", "10.50", "Oslo"],
        ["A1", "05/01/2024", "Aster", "10.50", "Bergen"],
    ]


def test_merging_uses_the_first_of_several_partners_when_asked(tmp_path: Path) -> None:
    people = "customer,city,amount\nAster,Oslo,1\nAster,Bergen,2\n"
    settings = {"left_columns": ["customer"], "right_columns": ["customer"], "several": "first", "keep": "matching"}
    run = run_form("merge", settings, {"orders.csv": ORDERS, "people.csv": people}, tmp_path)
    assert run.rows("merged.csv") == [
        ["order", "day", "customer", "amount", "city", "amount (2)"],
        ["A1", "05/01/2024", "Aster", "10.50", "Oslo", "1"],
    ]


def test_merging_stops_at_several_partners_when_asked(tmp_path: Path) -> None:
    people = "customer,city\nAster,Oslo\nAster,Bergen\n"
    settings = {"left_columns": ["customer"], "right_columns": ["customer"], "several": "stop"}
    run = run_form("merge", settings, {"orders.csv": ORDERS, "people.csv": people}, tmp_path)
    assert "2 rows of the right file have the same key" in run.failure


def test_merging_by_number_takes_007_and_7_for_the_same_and_leaves_both_as_they_are(tmp_path: Path) -> None:
    settings = {"left_columns": ["no"], "right_columns": ["id"], "compare_as": "number"}
    run = run_form("merge", settings, {"a.csv": "no,x\n007,p\n8,q\n", "b.csv": "id,y\n7.0,r\n"}, tmp_path)
    assert run.rows("merged.csv") == [["no", "x", "y"], ["007", "p", "r"], ["8", "q", ""]]


def test_merging_all_rows_of_the_second_file_gives_unused_ones_their_key(tmp_path: Path) -> None:
    settings = {"left_columns": ["no"], "right_columns": ["id"], "keep": "right", "take": ["y"]}
    run = run_form("merge", settings, {"a.csv": "no,x\n1,p\n2,q\n", "b.csv": "id,y,z\n2,r,s\n3,t,u\n"}, tmp_path)
    assert run.rows("merged.csv") == [["no", "x", "y"], ["2", "q", "r"], ["3", "", "t"]]


def test_appending_puts_columns_of_the_same_name_together_and_says_the_file(tmp_path: Path) -> None:
    files = {"feb.csv": "Amount;Name\n3;Cedar\n", "jan.csv": "name,amount\nAster,1\nBirch,2\n"}
    run = run_form("append", {"add_file_name": True}, files, tmp_path)
    assert run.rows("appended.csv") == [
        ["Amount", "Name", "file"],
        ["3", "Cedar", "feb.csv"],
        ["1", "Aster", "jan.csv"],
        ["2", "Birch", "jan.csv"],
    ]


def test_appending_every_sheet_of_a_workbook_leaves_blank_sheets_out(tmp_path: Path) -> None:
    book = workbook({"Q1": [["n"], [1]], "Blank": [], "Q2": [["N"], [2]]})
    settings = {"every_sheet": True, "add_file_name": True}
    run = run_form("append", settings, {"book.xlsx": book, "more.csv": "n\n3\n"}, tmp_path)
    assert run.rows("appended.csv") == [
        ["n", "file"],
        ["1", "book.xlsx, Q1"],
        ["2", "book.xlsx, Q2"],
        ["3", "more.csv"],
    ]


def test_appending_only_common_columns_leaves_the_others_out(tmp_path: Path) -> None:
    files = {"a.csv": "x,y\n1,2\n", "b.csv": "y,z\n3,4\n"}
    run = run_form("append", {"columns": "common"}, files, tmp_path)
    assert run.rows("appended.csv") == [["y"], ["2"], ["3"]]


def test_filtering_compares_numbers_as_numbers_and_writes_the_rest(tmp_path: Path) -> None:
    settings = {
        "conditions": [{"column": "amount", "comparison": "at_least", "value": "1,000"}],
        "write_rest": True,
    }
    text = 'name,amount\nAster,"$1,000.00"\nBirch,999.99\nCedar,"1.500,00 €"\nDill,unknown\nElm,\n'
    run = run_form("filter", settings, {"sales.csv": text}, tmp_path)
    assert [each[0] for each in run.rows("filtered.csv")[1:]] == ["Aster", "Cedar"]
    assert [each[0] for each in run.rows("rest.csv")[1:]] == ["Birch", "Dill", "Elm"]


def test_filtering_by_a_date_that_is_asked_for_takes_it_from_the_run_form(tmp_path: Path) -> None:
    settings = {"conditions": [{"column": "day", "comparison": "after", "ask": True}]}
    run = run_form("filter", settings, {"orders.csv": ORDERS}, tmp_path, values={"value_1": "2024-01-05"})
    assert [each[0] for each in run.rows("filtered.csv")[1:]] == ["A2"]


def test_filtering_by_any_of_several_conditions_keeps_rows_that_fit_one(tmp_path: Path) -> None:
    settings = {
        "match": "any",
        "conditions": [
            {"column": "customer", "comparison": "one_of", "value": "birch, ELM"},
            {"column": "day", "comparison": "blank"},
        ],
    }
    run = run_form("filter", settings, {"orders.csv": ORDERS}, tmp_path)
    assert [each[0] for each in run.rows("filtered.csv")[1:]] == ["A2", "A3"]


def test_grouping_adds_money_up_exactly_and_orders_the_groups(tmp_path: Path) -> None:
    text = "region,amount\nSouth,0.10\nNorth,0.10\nSouth,0.20\nNorth,\n2,5\n10,5\n"
    settings = {
        "group_by": [{"column": "region"}],
        "figures": [
            {"how": "sum", "column": "amount", "name": "total"},
            {"how": "count"},
            {"how": "average", "column": "amount"},
        ],
    }
    run = run_form("group_and_aggregate", settings, {"sales.csv": text}, tmp_path)
    assert run.rows("grouped.csv") == [
        ["region", "total", "rows", "average of amount"],
        ["2", "5", "1", "5.00"],
        ["10", "5", "1", "5.00"],
        ["North", "0.10", "2", "0.10"],
        ["South", "0.30", "2", "0.15"],
    ]


def test_grouping_across_makes_a_pivot_by_month(tmp_path: Path) -> None:
    text = "day,region,amount\n2024-01-03,North,1\n2024-02-01,North,2\n2024-01-09,South,4\n2024-01-30,North,8\n"
    settings = {
        "group_by": [{"column": "region"}],
        "across": {"column": "day", "by": "month"},
        "figures": [{"how": "sum", "column": "amount"}],
    }
    run = run_form("group_and_aggregate", settings, {"sales.csv": text}, tmp_path)
    assert run.rows("grouped.csv") == [
        ["region", "2024-01", "2024-02"],
        ["North", "9", "2"],
        ["South", "4", "0"],
    ]


def test_grouping_stops_at_a_text_where_a_number_is_added_up_and_names_the_row(tmp_path: Path) -> None:
    settings = {"group_by": [{"column": "region"}], "figures": [{"how": "sum", "column": "amount"}]}
    run = run_form("group_and_aggregate", settings, {"sales.csv": "region,amount\nN,1\nN,see note\n"}, tmp_path)
    assert "sales.csv, row 2: 'see note' in column 'amount' is no number." in run.failure


def test_deduping_by_address_keeps_the_fullest_row_and_shows_the_removed_ones(tmp_path: Path) -> None:
    text = (
        "name,email,phone\nA. Aster,Aster@example.com,\nAnn Aster, aster@EXAMPLE.com ,555\n"
        "No Address,,\nAlso None,,\nBirch,birch@example.com,\n"
    )
    settings = {"columns": ["email"], "keep": "fullest", "write_removed": True}
    run = run_form("dedupe", settings, {"contacts.csv": text}, tmp_path)
    assert [each[0] for each in run.rows("deduped.csv")[1:]] == ["Ann Aster", "No Address", "Also None", "Birch"]
    assert [each[0] for each in run.rows("removed.csv")[1:]] == ["A. Aster"]


def test_deduping_by_all_columns_keeps_the_last_of_equal_rows(tmp_path: Path) -> None:
    settings = {"keep": "last", "compare_as": "exact"}
    run = run_form("dedupe", settings, {"a.csv": "x,y\n1,2\n3,4\n1,2\n1,2 \n"}, tmp_path)
    assert run.rows("deduped.csv")[1:] == [["3", "4"], ["1", "2"], ["1", "2 "]]


def test_splitting_by_a_column_makes_a_file_for_each_value_with_safe_names(tmp_path: Path) -> None:
    text = "region,x\nNorth/East,1\nnorth/east,2\nSOUTH,3\n,4\n../../etc,5\n"
    run = run_form("split", {"column": "region"}, {"sales.csv": text}, tmp_path)
    assert {name: run.rows(name)[1:] for name in run.files} == {
        "North East.csv": [["North/East", "1"], ["north/east", "2"]],
        "SOUTH.csv": [["SOUTH", "3"]],
        "blank.csv": [["", "4"]],
        "etc.csv": [["../../etc", "5"]],
    }


def test_splitting_into_sheets_makes_one_workbook(tmp_path: Path) -> None:
    run = run_form("split", {"rows_per_part": 2, "output": "sheets"}, {"a.csv": "x\n1\n2\n3\n"}, tmp_path)
    assert read_workbook(run.files["split.xlsx"]) == {
        "part 001": [["x"], ["1"], ["2"]],
        "part 002": [["x"], ["3"]],
    }


def test_choosing_columns_joins_tidies_renames_and_reorders(tmp_path: Path) -> None:
    text = 'first,last,born,paid,phone,extra\n ann ,ASTER,31/12/1999,"1.234,50 €",+47 (22) 33,e\n,birch,soon,n/a,,f\n'
    settings = {
        "columns": [
            {"made_of": ["phone"], "change": "digits"},
            {"made_of": ["first", "last"], "name": "name", "change": "title"},
            {"made_of": ["born"], "change": "date"},
            {"made_of": ["paid"], "name": "amount", "change": "number"},
        ],
        "keep_others": True,
    }
    run = run_form("columns", settings, {"people.csv": text}, tmp_path)
    assert run.rows("columns.csv") == [
        ["phone", "name", "born", "amount", "extra"],
        ["472233", "Ann Aster", "1999-12-31", "1234.50", "e"],
        ["", "Birch", "soon", "n/a", "f"],
    ]


def test_sorting_by_several_columns_puts_blanks_last_and_keeps_the_order_of_equal_rows(tmp_path: Path) -> None:
    text = "team,score,day\nb,10,02/01/2024\nA,9,\na,10,05/03/2023\nB,10,01/01/2024\n,7,\n"
    settings = {
        "columns": [
            {"column": "team"},
            {"column": "score", "sort_as": "number", "descending": True},
            {"column": "day", "sort_as": "date"},
        ]
    }
    run = run_form("sort", settings, {"scores.csv": text}, tmp_path)
    assert run.rows("sorted.csv")[1:] == [
        ["a", "10", "05/03/2023"],
        ["A", "9", ""],
        ["B", "10", "01/01/2024"],
        ["b", "10", "02/01/2024"],
        ["", "7", ""],
    ]


def test_sorting_keeps_only_the_first_rows_when_asked(tmp_path: Path) -> None:
    settings = {"columns": [{"column": "n", "sort_as": "number", "descending": True}], "first": 2}
    run = run_form("sort", settings, {"a.csv": "n\n9\n10\n-1\n"}, tmp_path)
    assert run.rows("sorted.csv") == [["n"], ["10"], ["9"]]


def test_converting_to_a_workbook_makes_numbers_of_the_chosen_columns_only(tmp_path: Path) -> None:
    settings = {"number_columns": ["amount"], "date_columns": ["day"]}
    text = 'id,amount,day\n007,"1,234.5",31/01/2024\n8,3,\n'
    run = run_form("convert", settings, {"sales.csv": text}, tmp_path)
    assert read_workbook(run.files["sales.xlsx"]) == {
        "sales": [["id", "amount", "day"], ["007", 1234.5, "2024-01-31"], ["8", 3, None]]
    }


def test_converting_a_workbook_to_csv_writes_the_encoding_and_the_delimiter_asked_for(tmp_path: Path) -> None:
    rows = [["näme", "n", "done"], ["Ærø", 3.0, True], ["x", 2.5, None]]
    settings = {"to": "csv", "delimiter": ";", "encoding": "cp1252"}
    run = run_form("convert", settings, {"book.xlsx": workbook({"Data": rows})}, tmp_path)
    assert run.files["book.csv"].decode("cp1252") == "näme;n;done\r\nÆrø;3;TRUE\r\nx;2.5;\r\n"
