"""The eight tasks that the form does."""

import datetime
import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pandas

from tests.acceptance.workflow_tasks.task import (
    FIRST_NAMES,
    LAST_NAMES,
    REGIONS,
    Files,
    Rows,
    Task,
    frame,
    from_form,
    rows_of,
    write_csv,
    write_workbook,
)

_FIRST_DAY = datetime.date(2024, 1, 1)


def _day(chance: random.Random, days: int = 366) -> datetime.date:
    return _FIRST_DAY + datetime.timedelta(days=chance.randrange(days))


# --- 1. merge by date: 100,000 sales beside the rate of their day ----------------------------------


def _write_sales_and_rates(folder: Path, chance: random.Random) -> Files:
    sales = [["sale", "Date", "amount EUR"]]
    for no in range(100_000):
        sales.append(
            [f"S{no:06}", f"{_day(chance):%d/%m/%Y}" if chance.random() > 0.01 else "", f"{chance.random() * 900:.2f}"]
        )
    days = [_FIRST_DAY + datetime.timedelta(days=each) for each in range(366) if each % 7 < 5]
    rates = [["day", "USD"], *([each, round(1.05 + chance.random() / 10, 4)] for each in days)]
    return {
        "left_file": [write_csv(folder / "sales.csv", sales, delimiter=";")],
        "right_file": [write_workbook(folder / "rates.xlsx", {"Rates": rates})],
    }


def _expect_merged(files: Files) -> Mapping[str, Rows]:
    sales = frame(files["left_file"][0], sep=";")
    rates = pandas.read_excel(files["right_file"][0], engine="openpyxl", dtype={"USD": str})
    rates["key"] = pandas.to_datetime(rates["day"]).dt.strftime("%d/%m/%Y")
    merged = sales.merge(rates[["key", "USD"]], how="left", left_on="Date", right_on="key").drop(columns="key")
    return {"merged.csv": rows_of(merged.fillna(""))}


# --- 2. dedupe contacts: the fullest row of each address ------------------------------------------


def _write_contacts(folder: Path, chance: random.Random) -> Files:
    rows = [["Name", "E-Mail", "Phone", "Company"]]
    for no in range(20_000):
        first, last = chance.choice(FIRST_NAMES[:-1]), chance.choice(LAST_NAMES)  # cp1252 has no Ł
        address = f"contact{chance.randrange(14_000)}@example.com"
        address = chance.choice([address, address.upper(), f" {address} ", address.title()])
        rows.append(
            [
                f"{first} {last}",
                address if chance.random() > 0.05 else "",
                f"555 {no:05}" if chance.random() > 0.5 else "",
                "Brick & Söhne" if chance.random() > 0.6 else "",
            ]
        )
    return {"file": [write_csv(folder / "contacts.csv", rows, delimiter=";", encoding="cp1252")]}


def _expect_contacts(files: Files) -> Mapping[str, Rows]:
    contacts = frame(files["file"][0], sep=";", encoding="cp1252")
    contacts["key"] = contacts["E-Mail"].str.strip().str.lower()
    contacts["filled"] = (contacts[["Name", "E-Mail", "Phone", "Company"]].map(str.strip) != "").sum(axis=1)
    named = contacts[contacts["key"] != ""].sort_values("filled", ascending=False, kind="stable")
    kept = contacts.index.isin(named.drop_duplicates("key").index) | (contacts["key"] == "")
    shown = contacts.drop(columns=["key", "filled"])
    return {"deduped.csv": rows_of(shown[kept]), "removed.csv": rows_of(shown[~kept])}


# --- 3. pivot sales: 100,000 rows, product by quarter ----------------------------------------------


def _write_product_sales(folder: Path, chance: random.Random) -> Files:
    rows = [["when", "product", "region", "revenue"]]
    for _ in range(100_000):
        revenue = f"{chance.randrange(1, 10**7) / 100:,.2f}"
        rows.append(
            [
                f"{_day(chance):%m/%d/%Y}", f"Product {chance.randrange(40):02}", chance.choice(REGIONS),
                chance.choice([f"${revenue}", revenue, f"({revenue})"]) if chance.random() > 0.02 else "",
            ]
        )  # fmt: skip
    return {"file": [write_csv(folder / "sales.csv", rows, encoding="utf-8-sig")]}


def _expect_pivot(files: Files) -> Mapping[str, Rows]:
    sales = frame(files["file"][0], encoding="utf-8-sig")
    days = pandas.to_datetime(sales["when"], format="%m/%d/%Y")
    sales["quarter"] = days.dt.year.astype(str) + "-Q" + days.dt.quarter.astype(str)
    plain = sales["revenue"].str.replace(r"[$,()]", "", regex=True)
    cents = plain.where(plain != "", "0").map(lambda each: int(Decimal(each) * 100))
    sales["cents"] = cents.where(~sales["revenue"].str.startswith("("), -cents)
    table = sales.pivot_table(index="product", columns="quarter", values="cents", aggfunc="sum").sort_index()
    rows = [
        [product, *(f"{Decimal(int(each)) / 100:.2f}" for each in figures)] for product, *figures in table.itertuples()
    ]
    return {"grouped.csv": [["product", *table.columns], *rows]}


# --- 4. split by region ---------------------------------------------------------------------------


def _write_accounts(folder: Path, chance: random.Random) -> Files:
    rows: list[list[object]] = [["account", "region", "since", "seats"]]
    for no in range(10_000):
        region = chance.choice([*REGIONS, "north", "SOUTH ", None])
        rows.append([f"Account {no}", region, _day(chance), chance.randrange(1, 500)])
    return {"file": [write_workbook(folder / "accounts.xlsx", {"Cover": [["Report"]], "Accounts": rows})]}


def _expect_parts(files: Files) -> Mapping[str, Rows]:
    accounts = pandas.read_excel(
        files["file"][0], engine="openpyxl", sheet_name="Accounts", dtype={"seats": str}, keep_default_na=False
    )
    accounts["since"] = pandas.to_datetime(accounts["since"]).dt.strftime("%Y-%m-%d")
    key = accounts["region"].str.strip().str.lower()
    parts = {}
    for _, part in accounts.groupby(key, sort=False):
        name = str(part["region"].iloc[0]).strip().replace(" / ", " ") or "blank"
        parts[f"{name}.csv"] = rows_of(part)
    return parts


# --- 5. append the exports of twelve months -------------------------------------------------------


def _write_months(folder: Path, chance: random.Random) -> Files:
    paths = []
    for month in range(1, 13):
        header = ["Customer", "Hours", "Note"]
        chance.shuffle(header)
        if month > 6:
            header.append("Project")
        rows = [[each.upper() if month % 2 else each for each in header]]
        for no in range(2_000):
            values = {
                "Customer": f"Kunde {no % 50} Ö",
                "Hours": f"{chance.random() * 8:.1f}",
                "Note": 'say "hi"; or\nnot',
                "Project": f"P{no % 9}",
            }
            rows.append([values[each] for each in header])
        encoding = ("utf-8", "utf-16", "cp1252", "utf-8-sig")[month % 4]
        paths.append(write_csv(folder / f"2024-{month:02}.csv", rows, delimiter=",;\t"[month % 3], encoding=encoding))
    return {"files": paths}


def _expect_appended(files: Files) -> Mapping[str, Rows]:
    parts = []
    for month, path in enumerate(files["files"], start=1):
        part = frame(path, sep=",;\t"[month % 3], encoding=("utf-8", "utf-16", "cp1252", "utf-8-sig")[month % 4])
        part.columns = part.columns.str.upper()
        parts.append(part.assign(file=path.name))
    whole = pandas.concat(parts).fillna("")[[*parts[0].columns.drop("file"), "PROJECT", "file"]]
    return {"appended.csv": rows_of(whole)}


# --- 6. filter overdue invoices, with the day entered at the run ----------------------------------


def _write_invoices(folder: Path, chance: random.Random) -> Files:
    rows = [["Invoice", "Due", "Status", "Total"]]
    for no in range(50_000):
        total = f"{chance.randrange(100, 5_000_000) / 100:,.2f}".replace(",", " ").replace(".", ",")
        rows.append(
            [
                f"R-{no:05}", f"{_day(chance):%d.%m.%Y}" if chance.random() > 0.03 else "on receipt",
                chance.choice(["paid", "Paid ", "open", "OPEN", "reminded"]), f"{total} €",
            ]
        )  # fmt: skip
    return {"file": [write_csv(folder / "invoices.csv", rows, delimiter=";", encoding="utf-16")]}


def _expect_overdue(files: Files) -> Mapping[str, Rows]:
    invoices = frame(files["file"][0], sep=";", encoding="utf-16")
    due = pandas.to_datetime(invoices["Due"], format="%d.%m.%Y", errors="coerce")
    total = invoices["Total"].str.replace(r"[ €]", "", regex=True).str.replace(",", ".").astype(float)
    fits = (due < "2024-07-01") & (invoices["Status"].str.strip().str.lower() != "paid") & (total >= 10_000)
    return {"filtered.csv": rows_of(invoices[fits])}


# --- 7. the five hundred largest of 100,000 orders ------------------------------------------------


def _write_orders(folder: Path, chance: random.Random) -> Files:
    rows = [["order", "customer", "amount", "placed"]]
    for no in range(100_000):
        amount = f"{chance.randrange(1, 3_000)}.{chance.randrange(100):02}" if chance.random() > 0.01 else "n/a"
        rows.append([f"{no:07}", f"=customer {chance.randrange(900)}", amount, f"{_day(chance):%Y-%m-%d}"])
    return {"file": [write_csv(folder / "orders.csv", rows)]}


def _expect_largest(files: Files) -> Mapping[str, Rows]:
    orders = frame(files["file"][0])
    orders["size"] = pandas.to_numeric(orders["amount"], errors="coerce")
    orders = orders.sort_values(["size", "placed"], ascending=[False, True], kind="stable").head(500)
    return {"sorted.xlsx#sorted": rows_of(orders.drop(columns="size"))}


# --- 8. tidy a small export of people -------------------------------------------------------------


def _write_people(folder: Path, chance: random.Random) -> Files:
    rows = [["first", "LAST", "born", "Salary", "Phone", "remark"]]
    for _ in range(100):
        rows.append(
            [
                f" {chance.choice(FIRST_NAMES).lower()}", chance.choice(LAST_NAMES).upper(),
                f"{chance.randrange(1, 29)}.{chance.randrange(1, 13)}.{chance.randrange(1960, 2005)}",
                f"{chance.randrange(20_000, 90_000):,}.50".replace(",", "'"), f"+49 (30) {chance.randrange(10**6)}", "-",
            ]
        )  # fmt: skip
    return {"file": [write_csv(folder / "people.tsv", rows, delimiter="\t")]}


def _expect_people(files: Files) -> Mapping[str, Rows]:
    people = frame(files["file"][0], sep="\t")
    tidy = pandas.DataFrame(
        {
            "name": people["first"].str.strip().str.capitalize() + " " + people["LAST"].str.capitalize(),
            "born": pandas.to_datetime(people["born"], format="%d.%m.%Y").dt.strftime("%Y-%m-%d"),
            "salary": people["Salary"].str.replace("'", ""),
            "Phone": people["Phone"].str.replace(r"\D", "", regex=True),
            "remark": people["remark"].replace("-", "'-"),
        }
    )
    return {"columns.csv": rows_of(tidy)}


TASKS = (
    Task(
        "merge_by_date", 100_000, _write_sales_and_rates,
        from_form("merge", {"left_columns": ["Date"], "right_columns": ["day"], "compare_as": "date"}), _expect_merged,
    ),
    Task(
        "dedupe_contacts", 20_000, _write_contacts,
        from_form("dedupe", {"columns": ["E-Mail"], "keep": "fullest", "write_removed": True}), _expect_contacts,
    ),
    Task(
        "pivot_sales", 100_000, _write_product_sales,
        from_form(
            "group_and_aggregate",
            {
                "group_by": [{"column": "product"}],
                "across": {"column": "when", "by": "quarter", "dates": "month_first"},
                "figures": [{"how": "sum", "column": "revenue"}],
            },
        ),
        _expect_pivot,
    ),
    Task("split_by_region", 10_000, _write_accounts, from_form("split", {"file": 1, "column": "region"}), _expect_parts),
    Task("append_months", 2_000, _write_months, from_form("append", {"add_file_name": True}), _expect_appended),
    Task(
        "filter_overdue", 50_000, _write_invoices,
        from_form(
            "filter",
            {
                "conditions": [
                    {"column": "Due", "comparison": "before", "ask": True},
                    {"column": "Status", "comparison": "not_equals", "value": "paid"},
                    {"column": "Total", "comparison": "at_least", "value": "10000"},
                ]
            },
        ),
        _expect_overdue, {"value_1": "2024-07-01"},
    ),
    Task(
        "largest_orders", 100_000, _write_orders,
        from_form(
            "sort",
            {
                "columns": [
                    {"column": "amount", "sort_as": "number", "descending": True},
                    {"column": "placed", "sort_as": "date"},
                ],
                "first": 500,
                "output": "xlsx",
            },
        ),
        _expect_largest,
    ),
    Task(
        "tidy_people", 100, _write_people,
        from_form(
            "columns",
            {
                "columns": [
                    {"made_of": ["first", "LAST"], "name": "name", "change": "title"},
                    {"made_of": ["born"], "change": "date"},
                    {"made_of": ["Salary"], "name": "salary", "change": "number"},
                    {"made_of": ["Phone"], "change": "digits"},
                ],
                "keep_others": True,
            },
        ),
        _expect_people,
    ),
)  # fmt: skip
