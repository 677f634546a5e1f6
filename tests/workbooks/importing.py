"""Runs an import as a worker would, without the durable engine around it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from spadework.clients import actions as clients
from spadework.core.db import Database
from spadework.core.ids import AccountId
from spadework.runs import actions as runs
from spadework.runs import store as runs_store
from spadework.runs.jobs import Job
from spadework.runs.types import Run
from spadework.workbooks import imports as job
from spadework.workbooks import uploads
from spadework.workbooks.actions import imports, pages, tables, workbooks
from spadework.workbooks.types import PageRequest, Reject, Table


class StraightJob(Job):
    """A job whose finished steps are remembered in the test's own memory."""

    finished: dict[str, Any]

    async def step(self, key: str, label: str, function: Callable[[], Awaitable[Any]], **recorded: Any) -> Any:
        if key not in self.finished:
            self.finished[key] = await function()
        return self.finished[key]


class Importer:
    """An account's table that files are imported into; everything is committed, as imports are."""

    def __init__(self, database: Database, account_id: AccountId, home: Path, table_id: UUID) -> None:
        self.database = database
        self.account_id = account_id
        self.home = home
        self.table_id = table_id
        self.finished: dict[str, Any] = {}
        self.job_class = StraightJob

    @classmethod
    async def open(cls, database: Database, account_id: AccountId, home: Path) -> "Importer":
        async with database.transaction(account_id) as tx:
            client = await clients.create(tx, "Example Client")
            made = await workbooks.create_workbook(tx, client.id, "Example", is_training=True, by=None)
        return cls(database, account_id, home, made.table.id)

    async def upload(self, content: bytes, *, piece_bytes: int = 65_536) -> UUID:
        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(content), piece_bytes):
                yield content[start : start + piece_bytes]

        return (await uploads.store(self.home, self.account_id, pieces(), name="file.csv")).id

    async def start(self, upload_id: UUID, **options: Any) -> UUID:
        async with self.database.transaction(self.account_id) as tx:
            run = await imports.start_import(
                tx, self.table_id, home=self.home, upload_id=upload_id, mapping=options.pop("mapping", []), by=None,
                **options,
            )  # fmt: skip
        return run.id

    async def work(self, run_id: UUID) -> dict[str, Any]:
        async with self.database.transaction(self.account_id) as tx:
            run = await runs_store.take(tx, run_id, worker_id="test")
        assert run is not None
        app = SimpleNamespace(settings=SimpleNamespace(home=self.home))
        straight = self.job_class(run, self.database, app)
        straight.finished = self.finished
        return await job.import_csv(straight)

    async def run(self, content: bytes, **options: Any) -> dict[str, Any]:
        self.finished = {}
        run_id = await self.start(await self.upload(content), **options)
        return {**await self.work(run_id), "run_id": run_id}

    async def table(self) -> Table:
        async with self.database.read(self.account_id) as tx:
            return await tables.get_table(tx, self.table_id)

    async def rows(self) -> list[list[Any]]:
        """Every row's values in the order of the columns, None for blank."""
        async with self.database.read(self.account_id) as tx:
            table = await tables.get_table(tx, self.table_id)
            page = await pages.page(tx, self.table_id, PageRequest(limit=1000))
        assert page.total == len(page.rows)
        return [[row.values.get(each.no) for each in table.fields] for row in page.rows]

    async def find_run(self, run_id: UUID) -> Run:
        async with self.database.read(self.account_id) as tx:
            return await runs.get(tx, run_id)

    async def rejects(self, run_id: UUID) -> list[Reject]:
        async with self.database.read(self.account_id) as tx:
            return await imports.list_rejects(tx, run_id)
