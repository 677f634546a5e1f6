"""Which columns are suggested to merge two files by."""

import io
from pathlib import Path

import openpyxl

from spadework.extracts.joins import MOST_SUGGESTIONS, suggest_joins


def _write(folder: Path, name: str, lines: list[str], encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def test_a_customer_number_is_found_under_another_name_and_its_overlap_counted(tmp_path: Path) -> None:
    orders = _write(tmp_path, "orders.csv", ["order;client"] + [f"{no};C-{no % 40}" for no in range(100)])
    clients = _write(tmp_path, "clients.csv", ["id,town"] + [f"c-{no} ,Town" for no in range(10, 60)], "utf-16")
    assert suggest_joins([orders, clients]) == [
        {
            "left": "orders.csv", "right": "clients.csv", "left_sheet": None, "right_sheet": None,
            "left_column": "client", "right_column": "id", "overlap": 0.75, "matched": 30,
        }
    ]  # fmt: skip


def test_a_day_that_repeats_in_both_files_is_suggested_because_both_call_it_the_same(tmp_path: Path) -> None:
    days = [f"2024-01-{day:02}" for day in range(1, 29)]
    sales = _write(tmp_path, "sales.csv", ["Date,amount"] + [f"{day},{no}.50" for day in days for no in range(20)])
    costs = _write(tmp_path, "costs.csv", ["date,cost"] + [f"{day},{no}.75" for day in days for no in range(20)])
    found = suggest_joins([sales, costs])
    assert [(each["left_column"], each["right_column"], each["overlap"]) for each in found] == [("Date", "date", 1.0)]


def test_columns_of_few_values_are_no_suggestion(tmp_path: Path) -> None:
    one = _write(tmp_path, "one.csv", ["status,flag"] + [f"{'open' if no % 2 else 'shut'},yes" for no in range(60)])
    two = _write(tmp_path, "two.csv", ["status,done"] + [f"{'open' if no % 3 else 'shut'},yes" for no in range(60)])
    assert suggest_joins([one, two]) == []


def test_the_best_pair_comes_first_and_sheets_are_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    people, notes = book.create_sheet("People"), book.create_sheet("Notes")
    people.append(["email", "rank"])
    for no in range(50):
        people.append([f"Person{no}@example.com", no])
    notes.append(["note"])
    buffer = io.BytesIO()
    book.save(buffer)
    workbook = tmp_path / "people.xlsx"
    workbook.write_bytes(buffer.getvalue())
    visits = _write(tmp_path, "visits.csv", ["who,rank"] + [f"person{no}@example.com,{no * 3}" for no in range(40)])
    found = suggest_joins([visits, workbook])
    assert [(each["left_column"], each["right_column"], each["matched"], each["right_sheet"]) for each in found] == [
        ("who", "email", 40, "People"),
        ("rank", "rank", 17, "People"),
    ]


def test_files_that_are_sorted_differently_and_barely_overlap_are_still_seen(tmp_path: Path) -> None:
    one = _write(tmp_path, "one.csv", ["key"] + [f"k{no}" for no in range(5_000)])
    two = _write(tmp_path, "two.csv", ["ref"] + [f"k{no}" for no in range(9_499, 4_499, -1)])
    (found,) = suggest_joins([one, two])
    assert (found["matched"], found["overlap"]) == (500, 0.1)


def test_files_that_cannot_be_read_give_nothing_and_stop_nothing(tmp_path: Path) -> None:
    one = _write(tmp_path, "one.csv", ["key"] + [f"k{no}" for no in range(20)])
    two = _write(tmp_path, "two.csv", ["key"] + [f"k{no}" for no in range(20)])
    broken = _write(tmp_path, "broken.xlsx", ["PK no workbook"])
    empty = _write(tmp_path, "empty.csv", [""])
    picture = _write(tmp_path, "picture.png", ["x"])
    (found,) = suggest_joins([broken, one, empty, two, picture, tmp_path / "missing.csv"])
    assert (found["left"], found["right"], found["overlap"]) == ("one.csv", "two.csv", 1.0)


def test_many_files_of_the_same_kind_give_at_most_twenty_suggestions(tmp_path: Path) -> None:
    lines = ["key,other"] + [f"k{no},k{no + 1}" for no in range(30)]
    found = suggest_joins([_write(tmp_path, f"{no}.csv", lines) for no in range(6)])
    assert len(found) == MOST_SUGGESTIONS
    assert {each["left_column"] for each in found} == {"key", "other"}


def test_the_columns_that_belong_together_come_first_among_very_many_that_nearly_fit(tmp_path: Path) -> None:
    def line(no: int, first: int) -> str:
        return ",".join([f"K{no:04}", *(str(no + first * place) for place in range(1, 13))])

    names = [f"n{place}" for place in range(1, 13)]
    one = _write(tmp_path, "one.csv", [",".join(["order", *names]), *(line(no, 3) for no in range(1_000))])
    two = _write(tmp_path, "two.csv", [",".join(["order", *names]), *(line(no, 5) for no in range(999, -1, -1))])
    found = suggest_joins([one, two])
    assert len(found) == MOST_SUGGESTIONS
    assert (found[0]["left_column"], found[0]["right_column"], found[0]["matched"]) == ("order", "order", 1_000)
    ranks = [each["overlap"] + (each["left_column"] == each["right_column"]) * 0.25 for each in found]
    assert ranks == sorted(ranks, reverse=True)
