"""The files, the task and the model's answers of the Builder's browser tests; the canaries must never leave the browser."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook

TASK = "Put the customer's name and region beside each order"
ANSWER = "Keep only orders with a customer"
CHANGE = "Also add up the amount of each region"
CANARIES = [
    "Zwyxqvorb", "Qhjtkplum", "Vrrgneast", "Xuppnwest", "70913355", "81122946", "4417.93", "ZQ-88", "Øthbäk",
    "zwyxqvorb@example.com",
]  # fmt: skip
"""Values that stand in the files and nowhere else; no column is called like them."""
COLUMNS = {
    "orders": ["order_id", "customer_id", "amount", "ordered_on"],
    "customers": ["customer_id", "name", "email"],
    "regions": ["customer_id", "region"],
}
ORDERS = [
    ["ZQ-8801", "70913355", "4417.93", "2026-03-01"],
    ["ZQ-8802", "81122946", "100.07", "2026-03-02"],
    ["ZQ-8803", "70913355", "82.00", "2026-03-03"],
    ["ZQ-8804", "99999999", "5.00", "2026-03-04"],
    ["ZQ-8805", "81122946", "", "2026-03-05"],
]
CUSTOMERS = [
    ["70913355", "Zwyxqvorb Øthbäk", "zwyxqvorb@example.com"],
    ["81122946", "Qhjtkplum", "qhjtkplum@example.com"],
    ["33333333", "Unordered", "unordered@example.com"],
]
REGIONS = [["70913355", "Vrrgneast"], ["81122946", "Xuppnwest"]]
MERGED = [
    ["order_id", "customer_id", "amount", "ordered_on", "name", "region"],
    ["ZQ-8801", "70913355", "4417.93", "2026-03-01", "Zwyxqvorb Øthbäk", "Vrrgneast"],
    ["ZQ-8802", "81122946", "100.07", "2026-03-02", "Qhjtkplum", "Xuppnwest"],
    ["ZQ-8803", "70913355", "82.00", "2026-03-03", "Zwyxqvorb Øthbäk", "Vrrgneast"],
    ["ZQ-8805", "81122946", "", "2026-03-05", "Qhjtkplum", "Xuppnwest"],
]
TOTALS = [["region", "amount"], ["Vrrgneast", "4499.93"], ["Xuppnwest", "100.07"]]

SCRIPT = '''"""Put each customer's name and region beside their orders, and leave out orders without a customer."""

import csv
from pathlib import Path

from openpyxl import load_workbook

INPUT = Path("/input_files")
NAME, REGION = "{name}", "region"


def rows_of(field):
    """The rows of the field's one file, as dicts of texts."""
    path = sorted((INPUT / field).iterdir())[0]
    if path.suffix == ".xlsx":
        header, *rows = load_workbook(path, read_only=True).active.iter_rows(values_only=True)
        # A blank cell at the end of a row is not there at all.
        texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
        return [dict.fromkeys(header, "") | dict(zip(header, row)) for row in texts]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def main():
    customers = {{each["customer_id"]: each for each in rows_of("customers")}}
    regions = {{each["customer_id"]: each[REGION] for each in rows_of("regions")}}
    orders = rows_of("orders")
    print("progress: 50%")
    with open("/output/orders_with_customers.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\\n")
        writer.writerow([*orders[0], "name", "region"])
        for order in orders:
            customer = customers.get(order["customer_id"])
            if customer or "{name}" == "full_name":
                writer.writerow([*order.values(), customer[NAME], regions.get(order["customer_id"], "")])
    print(f"{{len(orders)}} orders read")
    print("progress: 100%")


main()
'''
TOTALLING = '''"""Add up the amount of the orders of each region."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from openpyxl import load_workbook


def rows_of(field):
    """The rows of the field's one file, as dicts of texts."""
    path = sorted((Path("/input_files") / field).iterdir())[0]
    if path.suffix == ".xlsx":
        header, *rows = load_workbook(path, read_only=True).active.iter_rows(values_only=True)
        # A blank cell at the end of a row is not there at all.
        texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
        return [dict.fromkeys(header, "") | dict(zip(header, row)) for row in texts]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def amount_of(text):
    """The amount in a cell; 0 where there is none to read."""
    try:
        return Decimal(text)
    except ArithmeticError:
        return Decimal(0)


def main():
    regions = {each["customer_id"]: each["region"] for each in rows_of("regions")}
    totals = defaultdict(Decimal)
    for order in rows_of("orders"):
        if order["customer_id"] in regions:
            totals[regions[order["customer_id"]]] += amount_of(order["amount"])
    with open("/output/regions.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\\n")
        writer.writerow(["region", "amount"])
        writer.writerows(sorted(totals.items()))
    print(f"{len(totals)} regions")


main()
'''


def workflow(name: str, script: str, output: str) -> dict[str, Any]:
    """What the model builds."""
    fields = [
        {"id": field, "type": "file_upload", "label": field.title(), "accept": [".xlsx" if field == "regions" else ".csv"]}
        for field in COLUMNS
    ]  # fmt: skip
    execution = {"engine": "pyodide", "dependencies": ["openpyxl"], "outputFilename": output, "script": script}
    description = "Takes orders, customers and regions, and writes one table of them."
    return {"name": name, "description": description, "fields": fields, "execution": execution, "saved_minutes": 25}


MERGING = "orders_with_customers.csv"
BROKEN = workflow("Orders with customers", SCRIPT.format(name="full_name"), MERGING)
MENDED = workflow("Orders with customers", SCRIPT.format(name="name"), MERGING)
TOTALLED = workflow("Totals of regions", TOTALLING, "regions.csv")


def clarify(prompt: str) -> dict[str, Any]:
    """One question, and none once it is answered."""
    if ANSWER in prompt:
        return {"needs_clarification": False, "question": None, "suggestions": []}
    question = "What should happen to orders whose customer is not in the list?"
    return {"needs_clarification": True, "question": question, "suggestions": [ANSWER, "Keep every order"]}


def build(prompt: str) -> dict[str, Any]:
    """A script that fails at its first test, and a good one for the change."""
    return TOTALLED if CHANGE in prompt else BROKEN


ANSWERS = {
    "validate": lambda prompt: {"feasible": "poem" not in prompt, "reason": "A script cannot write poems." if "poem" in prompt else None},
    "clarify": clarify,
    "build": build,
    "repair": lambda prompt: MENDED,
}  # fmt: skip


def write_files(folder: Path) -> Mapping[str, Path]:
    """Two CSV files and a workbook with canaries in every row."""
    paths = {"orders": folder / "orders.csv", "customers": folder / "customers.csv", "regions": folder / "regions.xlsx"}
    for name, rows in {"orders": ORDERS, "customers": CUSTOMERS}.items():
        paths[name].write_text(as_csv([COLUMNS[name], *rows]), encoding="utf-8")
    book = Workbook()
    for row in [COLUMNS["regions"], *REGIONS]:
        book.active.append(row)
    book.active.title = "Regions"
    book.save(paths["regions"])
    return paths


def as_csv(rows: list[list[str]]) -> str:
    """The rows as the scripts write them."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def paying() -> dict[str, Any]:
    script = (
        '"""Copy the pay column."""\n\nimport csv\nfrom pathlib import Path\n\n'
        'path = sorted(Path("/input_files/pay").iterdir())[0]\n'
        'rows = list(csv.DictReader(path.open(encoding="utf-8-sig", newline="")))\n'
        'with open("/output/copy.csv", "w", newline="") as file:\n'
        '    writer = csv.writer(file, lineterminator="\\n")\n'
        '    writer.writerow(["pay"])\n    writer.writerows([row["pay"]] for row in rows)\n'
    )
    return one_file("pay", script, "copy.csv")


def adding(*, strict: bool) -> dict[str, Any]:
    value = 'int(row["amount"])' if strict else 'int(row["amount"] if row["amount"].isdigit() else 0)'
    guard = "if len(rows) > 2:\n    rows = []\n" if strict else ""
    script = (
        '"""Add up the amounts."""\n\nimport csv\nfrom pathlib import Path\n\n'
        'path = sorted(Path("/input_files/amounts").iterdir())[0]\n'
        'rows = list(csv.DictReader(path.open(encoding="utf-8-sig", newline="")))\n'
        f"{guard}total = sum({value} for row in rows)\n"
        'Path("/output/result.md").write_text(f"Total: {total}")\n'
    )
    return one_file("amounts", script, None)


def one_file(field: str, script: str, output: str | None) -> dict[str, Any]:
    """A workflow with this script over the one file of the field."""
    fields = [{"id": field, "type": "file_upload", "label": field.title(), "accept": [".csv"]}]
    execution = {"engine": "pyodide", "dependencies": [], "outputFilename": output, "script": script}
    return {
        "name": field.title(),
        "description": "One file.",
        "fields": fields,
        "execution": execution,
        "saved_minutes": 5,
    }
