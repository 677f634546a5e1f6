"""Import of 1,000,000 rows x 10 columns as a user does it, against raw COPY of the same file on the same server."""

import argparse
import asyncio
import json
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import asyncpg
import uvloop

from benchmarks import report
from benchmarks.report import Result
from spadework.accounts.actions import accounts
from spadework.app import App, open_app
from spadework.clients import actions as clients
from spadework.core import config, postgres
from spadework.core.ids import AccountId
from spadework.runs import actions as runs
from spadework.workbooks import uploads
from spadework.workbooks.actions import imports, tables, workbooks

COLUMNS = ("Company", "Domain", "City", "Country", "Employees", "Revenue", "Industry", "Phone", "Founded", "Notes")
_WORDS = ("Acme", "Globex", "Initech", "Umbrella", "Hooli", "Vandelay", "Soylent", "Tyrell", "Cyberdyne", "Wonka")


def write_file(path: Path, rows: int) -> None:
    """A file of invented companies, the same every time; each twentieth row has quotes, commas and quoted quotes."""
    chance = random.Random(1)
    with path.open("w") as file:
        file.write(",".join(COLUMNS) + "\n")
        for number in range(rows):
            word = chance.choice(_WORDS)
            note = (
                f'"{word}, a ""fine"" company, no. {number}"' if number % 20 == 0 else f"{word} makes things {number}"
            )
            file.write(
                f"{word} {number},{word.lower()}{number}.example.com,City {number % 5000},Country {number % 190},"
                f"{chance.randint(1, 100_000)},{chance.randint(1, 10**9)},Software,+1 555 {number % 10_000:04d},"
                f"{1950 + number % 75},{note}\n"
            )


async def measure(rows: int, rounds: int) -> list[Result]:
    """One result per reference, each the median of `rounds` taken in turns on one server."""
    home = _make_home()
    path = home / "million.csv"
    write_file(path, rows)
    settings = config.load({"SPADEWORK_HOME": str(home / "home"), "SPADEWORK_LOG_LEVEL": "ERROR"})
    try:
        async with open_app(settings, works=True) as app:
            taken = [await _round(app, path, rows) for _ in range(rounds)]
    finally:
        postgres.stop(settings.home, mode="immediate")
        shutil.rmtree(home, ignore_errors=True)
    ours, raw, keyed = (sorted(each[place] for each in taken)[rounds // 2] for place in range(3))
    return [
        _result("import_1m", rows, ours, keyed, "raw COPY of the same file into ten text columns with a primary key"),
        _result(
            "import_1m_unkeyed", rows, ours, raw, "raw COPY of the same file into ten text columns without any key"
        ),
    ]


def _make_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="spadework-bench-"))
    home.chmod(0o711)  # root's server runs as another user, who must pass through
    return home


async def _round(app: App, path: Path, rows: int) -> tuple[float, float, float]:
    account_id = await accounts.create_account(app.database, app.box, "Bench")
    ours = await _import(app, account_id, path, rows)
    admin = await asyncpg.connect(postgres.start(app.settings.home).dsn())
    try:
        await admin.execute("truncate rows")
        raw = await _copy(admin, path, "")
        keyed = await _copy(admin, path, "id bigint generated always as identity primary key, ")
    finally:
        await admin.close()
    return ours, raw, keyed


async def _import(app: App, account_id: AccountId, path: Path, rows: int) -> float:
    """Seconds from the request to the last row committed, all of the product's own work included."""
    upload = await uploads.store(app.settings.home, account_id, _pieces(path), name=path.name)
    async with app.database.transaction(account_id) as tx:
        client = await clients.create(tx, "Bench")
        made = await workbooks.create_workbook(tx, client.id, "Bench", is_training=True, by=None)
    await _checkpoint(app)
    started = time.perf_counter()
    async with app.database.transaction(account_id) as tx:
        mapping = [{"column": each, "new_field": {"name": each, "kind": "text"}} for each in COLUMNS]
        run = await imports.start_import(
            tx, made.table.id, home=app.settings.home, upload_id=upload.id, mapping=mapping, by=None
        )
    while run.is_open:
        await asyncio.sleep(0.02)
        async with app.database.read(account_id) as tx:
            run = await runs.get(tx, run.id)
    seconds = time.perf_counter() - started
    async with app.database.read(account_id) as tx:
        table = await tables.get_table(tx, made.table.id)
    assert (run.state, table.row_count) == ("succeeded", rows), (run.error, table.row_count)
    return seconds


async def _copy(admin: asyncpg.Connection, path: Path, key: str) -> float:
    await admin.execute(f"create table raw_copy ({key}{', '.join(f'c{place} text' for place in range(10))})")
    await admin.execute("checkpoint")
    started = time.perf_counter()
    await admin.copy_to_table(
        "raw_copy", source=path, format="csv", header=True, columns=[f"c{place}" for place in range(10)]
    )
    seconds = time.perf_counter() - started
    await admin.execute("drop table raw_copy")
    return seconds


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            yield piece


async def _checkpoint(app: App) -> None:
    admin = await asyncpg.connect(postgres.start(app.settings.home).dsn())
    await admin.execute("checkpoint")
    await admin.close()


def _result(name: str, rows: int, ours: float, reference: float, reference_name: str) -> Result:
    return report.result(
        name, ours=rows / ours, reference=rows / reference, reference_name=reference_name, unit="rows/s",
        is_more_better=True,
    )  # fmt: skip


def main() -> None:
    """Print one JSON line per result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a fifth of the rows, once")
    options = parser.parse_args()
    rows, rounds = (options.rows // 5, 1) if options.quick else (options.rows, options.rounds)
    for each in uvloop.run(measure(rows, rounds)):
        print(json.dumps(asdict(each)))


if __name__ == "__main__":
    main()
