"""The four tasks that need a script of their own, as a language model wrote it (the .json beside this file)."""

import datetime
import math
import random
from collections.abc import Mapping
from pathlib import Path

import pandas

from tests.acceptance.workflow_tasks.task import (
    FIRST_NAMES,
    LAST_NAMES,
    Files,
    Rows,
    Task,
    frame,
    recorded,
    rows_of,
    write_csv,
    write_workbook,
)

# --- 9. reconcile invoices: 30,000 of them with 28,000 payments -----------------------------------


def _write_invoices(folder: Path, chance: random.Random) -> Files:
    invoices, payments = [["Invoice", "Customer", "Amount"]], [["Date", "Reference", "Received"]]
    for no in range(1, 30_001):
        cents = chance.randrange(1_000, 2_000_000)
        invoices.append([f"INV-{no:05}", f"Müller & Co {no % 700}", f"{cents / 100:,.2f}"])
        paid = chance.choice([[], [cents], [cents], [cents // 2, cents - cents // 2], [cents - 1], [cents + 500]])
        for part in paid:
            german = f"{part / 100:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
            reference = chance.choice([f"INV-{no:05}", f"inv {no} thank you", f"Payment Inv.{no:07}", f"INV_{no}"])
            payments.append([f"2024-{chance.randrange(1, 13):02}-11", reference, f"{german} EUR"])
    for no in range(300):
        payments.append(["2024-05-05", chance.choice(["rent", f"INV {90_000 + no}", ""]), "12,00"])
    payments[1:] = chance.sample(payments[1:], len(payments) - 1)
    return {
        "invoices": [write_csv(folder / "invoices.csv", invoices)],
        "payments": [write_csv(folder / "bank.csv", payments, delimiter=";", encoding="cp1252")],
    }


def _expect_reconciled(files: Files) -> Mapping[str, Rows]:
    invoices = frame(files["invoices"][0])
    payments = frame(files["payments"][0], sep=";", encoding="cp1252")
    invoices["cents"] = (invoices["Amount"].str.replace(",", "").astype(float) * 100).round().astype(int)
    german = payments["Received"].str.replace(" EUR", "").str.replace(".", "").str.replace(",", ".")
    payments["cents"] = (german.astype(float) * 100).round().astype(int)
    payments["no"] = payments["Reference"].str.extract(r"(?i)inv\D*(\d+)")[0].astype(float)
    invoices["no"] = range(1, len(invoices) + 1)
    sums = payments.groupby("no")["cents"].agg(["sum", "count"])
    table = invoices.merge(sums, how="left", left_on="no", right_index=True).fillna({"sum": 0, "count": 0})
    left = table["cents"] - table["sum"]
    status = pandas.Series("paid", table.index)
    status = status.mask(left > 0, "partly paid").mask(left < 0, "overpaid").mask(table["count"] == 0, "open")
    shown = pandas.DataFrame(
        {
            "Invoice": table["Invoice"],
            "Customer": table["Customer"],
            "Amount": (table["cents"] / 100).map("{:.2f}".format),
            "Received": (table["sum"] / 100).map("{:.2f}".format),
            "Open": (left / 100).map("{:.2f}".format),
            "Payments": table["count"].astype(int),
            "Status": status,
        }
    )
    unknown = payments[~payments["no"].isin(invoices["no"])]
    return {
        "invoices.csv": rows_of(shown),
        "unknown_payments.csv": rows_of(unknown[["Date", "Reference", "Received"]]),
    }


# --- 10. clean phone numbers ----------------------------------------------------------------------


def _write_phones(folder: Path, chance: random.Random) -> Files:
    rows = [["id", "name", "Phone (work)", "wanted"]]
    for no in range(8_000):
        area, local = chance.randrange(20, 990), chance.randrange(10**5, 10**7)
        right = f"+49{area}{local}"
        given, wanted = chance.choice(
            [
                (f"0{area} {local}", right),
                (f"0{area}/{local} ext. 12", right),
                (f"+49 (0){area} {local}", right),
                (f"0049-{area}-{local}", right),
                (f"({area}) {local}", right),
                (f"+47 {local}555", f"+47{local}555"),
                ("", ""),
                ("call reception", ""),
                ("12", ""),
            ]
        )
        rows.append([str(no), f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}", given, wanted])
    write_csv(folder / "answers.csv", [[row[3]] for row in rows])
    return {"contacts": [write_csv(folder / "contacts.csv", [row[:3] for row in rows], encoding="utf-8-sig")]}


def _expect_phones(files: Files) -> Mapping[str, Rows]:
    (path,) = files["contacts"]
    contacts = frame(path, encoding="utf-8-sig")
    # The right number was known before it was written in one of many ways.
    contacts["phone_clean"] = frame(path.with_name("answers.csv"), skip_blank_lines=False)["wanted"]
    given = contacts["Phone (work)"]
    blank, wrong = (given == "").sum(), given.isin(["call reception", "12"]).sum()
    report = f"# Phone numbers\n\n- {len(given)} rows\n- {blank} without a number\n- {wrong} that cannot be read"
    return {"contacts.csv": rows_of(contacts), "result.md": [[each] if each else [] for each in report.split("\n")]}


# --- 11. hours by week out of two timesheets ------------------------------------------------------


def _write_timesheets(folder: Path, chance: random.Random) -> Files:
    paths = []
    for part in range(2):
        rows = [["Person", "Day", "Start", "End", "Break"]]
        for _ in range(15_000):
            day = datetime.date(2024, 12, 1) + datetime.timedelta(days=chance.randrange(60))
            start = chance.randrange(24 * 4) * 15
            end = (start + chance.randrange(8, 40) * 15) % (24 * 60)
            person = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
            ended = f"{end // 60:02}:{end % 60:02}" if chance.random() > 0.01 else ""
            rows.append(
                [f"{person} ", f"{day:%d.%m.%Y}", f"{start // 60:02}:{start % 60:02}", ended, chance.choice(["", "30"])]
            )
        paths.append(write_csv(folder / f"team_{part}.csv", rows, delimiter=";"))
    return {"timesheets": paths}


def _expect_hours(files: Files) -> Mapping[str, Rows]:
    shifts = pandas.concat([frame(each, sep=";") for each in files["timesheets"]])
    shifts = shifts[shifts["End"] != ""]
    day = pandas.to_datetime(shifts["Day"], format="%d.%m.%Y")
    start, end = (pandas.to_timedelta(shifts[each] + ":00") for each in ("Start", "End"))
    minutes = ((end - start).dt.total_seconds() / 60) % (24 * 60) - shifts["Break"].replace("", "0").astype(int)
    calendar = day.dt.isocalendar()
    week = calendar["year"].astype(str) + "-W" + calendar["week"].astype(str).str.zfill(2)
    grouped = minutes.groupby([shifts["Person"].str.strip(), week]).agg(["count", "sum"]).reset_index()
    grouped.columns = ["Person", "Week", "Shifts", "minutes"]
    hours = grouped["minutes"] / 60
    shown = grouped.assign(
        Hours=hours.map("{:.2f}".format), Overtime=(hours - 38.5).clip(lower=0).map("{:.2f}".format)
    )  # fmt: skip
    return {"hours.csv": rows_of(shown.drop(columns="minutes"))}


# --- 12. what to reorder, out of three sheets -----------------------------------------------------


def _write_stock(folder: Path, chance: random.Random) -> Files:
    suppliers = [["supplier", "days", "pack"], *([f"Supplier {no}", no * 3 + 2, no * 6] for no in range(1, 9))]
    stock: list[list[object]] = [["sku", "supplier", "units", "price"]]
    for no in range(2_000):
        supplier = f"Supplier {chance.randrange(1, 9)}" if chance.random() > 0.01 else "Nobody"
        stock.append([f"SKU-{no:04}", supplier, chance.randrange(400), chance.randrange(100, 9_000) / 100])
    sales: list[list[object]] = [["sku", "units"]]
    for _ in range(20_000):
        sales.append([f"SKU-{chance.randrange(2_000):04}", chance.randrange(1, 60)])
    sheets = {"Stock": stock, "Sales": sales, "Suppliers": suppliers}
    return {"stock": [write_workbook(folder / "stock.xlsx", sheets)]}


def _expect_orders(files: Files) -> Mapping[str, Rows]:
    sheets = pandas.read_excel(files["stock"][0], engine="openpyxl", sheet_name=None)
    units = sheets["Sales"].groupby("sku")["units"].sum().rename("sold")
    table = (
        sheets["Stock"].merge(sheets["Suppliers"], on="supplier").merge(units, on="sku", how="left").fillna({"sold": 0})
    )
    table["needed"] = table["sold"] / 90 * (table["days"] + 14) - table["units"]
    table = table[table["needed"] > 0].sort_values("sku")
    table["order"] = (table["needed"] / table["pack"]).map(math.ceil) * table["pack"]
    table["cost"] = (table["order"] * table["price"]).round(2)
    found: dict[str, Rows] = {"orders.xlsx#Summary": [["supplier", "articles", "cost"]]}
    for supplier, part in table.groupby("supplier"):
        found["orders.xlsx#Summary"].append([str(supplier), str(len(part)), _plain(round(part["cost"].sum(), 2))])
        lines = [
            [sku, str(order), _plain(cost)]
            for sku, order, cost in zip(part["sku"], part["order"], part["cost"], strict=True)
        ]
        found[f"orders.xlsx#{supplier}"] = [["sku", "units", "cost"], *lines]
    return found


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(float(number))


TASKS = (
    Task("reconcile_invoices", 30_000, _write_invoices, recorded("reconcile_invoices"), _expect_reconciled),
    Task(
        "clean_phone_numbers", 8_000, _write_phones, recorded("clean_phone_numbers"), _expect_phones,
        {"country_code": "+49"},
    ),
    Task(
        "timesheet_hours", 15_000, _write_timesheets, recorded("timesheet_hours"), _expect_hours,
        {"weekly_limit": "38,5"},
    ),
    Task("stock_reorder", 20_000, _write_stock, recorded("stock_reorder"), _expect_orders),
)  # fmt: skip
