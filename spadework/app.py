"""Wiring: settings, database, engine, toolbox; the only place where implementations are chosen."""

import asyncio
import gc
import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

import stamina

from spadework.core import db, log, migrate, postgres, secrets
from spadework.core.addresses import ANYWHERE, AddressRules
from spadework.core.config import Settings
from spadework.core.db import Database
from spadework.core.errors import DatabaseUnavailable, Misconfigured
from spadework.core.http import HttpClient
from spadework.core.secrets import Box
from spadework.engine.workers import new_worker_id
from spadework.plug import catalog
from spadework.plug.provider import Outcome
from spadework.plug.questions import Question
from spadework.toolbox.journal import Journal
from spadework.toolbox.vendors import Vendors

if TYPE_CHECKING:
    from spadework.runs.jobs import Job
    from spadework.runs.running import Runner
    from spadework.toolbox.cell import Dossiers

JOB_MODULES = (
    "spadework.workbooks.jobs", "spadework.workbooks.imports", "spadework.planner.jobs", "spadework.research.prompt_runs",
    "spadework.research.jobs", "spadework.research.onboarding", "spadework.research.batching",
    "spadework.builder.jobs.answering", "spadework.builder.jobs.building",
)  # fmt: skip
"""Every module that registers jobs; a worker imports them all before it takes work."""


@dataclass(frozen=True)
class App:
    """One process's parts, ready to use. `runner` is None in a process that does no background work."""

    settings: Settings
    database: Database
    addresses: migrate.Addresses
    http: HttpClient
    box: Box
    worker_id: str
    vendors: Vendors
    journal: Journal | None = None
    runner: "Runner | None" = None
    make_dossiers: "Callable[[Job], Dossiers] | None" = None
    """Who makes the dossiers that a run's cells ask for; None in a process that does no background work."""

    async def ask_once(self, account_id: UUID, provider: str, question: Question) -> Outcome:
        """One free question to a provider with the account's own key, outside any run.

        Raises:
            ProviderUnavailable: no whole reply. InvalidInput: the question costs money; ask it in a run.
        """
        return await self.vendors.ask_free(account_id, provider, question)


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    works: bool,
    concurrency: int = 8,
    on_progress: Callable[[str], None] | None = None,
) -> AsyncIterator[App]:
    """Everything running: the embedded database unless another is set, migrations, pool, and with `works` the runner.

    Raises:
        Misconfigured, DatabaseUnavailable: with what to do; nothing is left half open.
    """
    log.configure(level=settings.log_level)
    _refuse_open_test_hooks(settings)
    if settings.plugins is not None:
        catalog.add_folder(settings.plugins)
    settings.home.mkdir(parents=True, exist_ok=True)
    secret = secrets.load_secret_key(settings)
    async with AsyncExitStack() as stack:
        # A database that restarts just now must not end a worker that has just begun.
        attempts = 4 if works else 1
        async for attempt in stamina.retry_context(
            on=DatabaseUnavailable, attempts=attempts, wait_initial=0.5, timeout=30
        ):
            with attempt:
                parts = await _open_parts(stack, settings, secret, works, concurrency, on_progress)
        yield parts


async def _open_parts(
    stack: AsyncExitStack, settings: Settings, secret: bytes, works: bool, concurrency: int,
    on_progress: Callable[[str], None] | None,
) -> App:  # fmt: skip
    """All parts, closed by `stack`; those opened before an error are closed at once."""
    addresses = await _addresses(settings, secret, on_progress)
    async with AsyncExitStack() as opened:
        database = await db.connect(addresses.app, max_size=16)
        opened.push_async_callback(database.close)
        rules = ANYWHERE if settings.allow_private_egress else AddressRules()
        http = await opened.enter_async_context(HttpClient(connections=512, rules=rules))
        worker_id = new_worker_id(settings.worker_id)
        box = Box(secret)
        vendors = Vendors(settings=settings, database=database, http=http, box=box)
        parts = App(
            settings=settings, database=database, addresses=addresses, http=http, box=box, worker_id=worker_id,
            vendors=vendors,
        )  # fmt: skip
        if works:
            # The engine's library costs more to import than all else; commands that only look need none of it.
            from spadework.research.celling import DossierMaker
            from spadework.runs.running import Runner

            for name in JOB_MODULES:
                importlib.import_module(name)
            parts = replace(parts, journal=Journal(settings.journal_dir, worker_id), make_dossiers=DossierMaker)
            assert parts.journal is not None
            opened.callback(parts.journal.close)
            _collect_garbage_seldom()
            runner = Runner(database, addresses.engine, worker_id=worker_id, app=parts, concurrency=concurrency)
            await runner.open()
            opened.push_async_callback(runner.close)
            parts = replace(parts, runner=runner)
        stack.push_async_exit(opened.pop_all())
    return parts


def _collect_garbage_seldom() -> None:
    # A run holds ten thousands of cells and calls that are no garbage. Looking through them at Python's
    # pace (every 700 new objects) took a quarter of a worker's time, measured at 100 calls in flight.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


async def _addresses(settings: Settings, secret: bytes, on_progress: Callable[[str], None] | None) -> migrate.Addresses:
    if settings.app_database_url and settings.database_url is None:
        return migrate.Addresses(app=settings.app_database_url, engine=settings.app_database_url)
    dsn = settings.database_url
    if dsn is None:
        server = await asyncio.to_thread(postgres.start, settings.home, on_progress=on_progress)
        dsn = server.dsn()
    found = await migrate.bring_up_to_date(dsn, secret=secret)
    return migrate.Addresses(app=settings.app_database_url or found.app, engine=found.engine)


def _refuse_open_test_hooks(settings: Settings) -> None:
    if settings.is_test and settings.host not in ("127.0.0.1", "localhost", "::1"):
        raise Misconfigured("SPADEWORK_TEST=1 opens test hooks, so the server must listen on 127.0.0.1.")
