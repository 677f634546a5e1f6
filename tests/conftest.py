"""What every test may stand on: a real Postgres, an account of its own, somebody signed in.

One server serves all test processes; each process has its own database, and each test its own account,
so that nothing needs to be cleaned up between tests.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx2
import hypothesis
import pytest

from spadework import app as wiring
from spadework.accounts.actions import accounts, passwords, sessions
from spadework.accounts.store import people
from spadework.accounts.types import SignedIn, Visitor
from spadework.app import App
from spadework.core import config, db, migrate, postgres
from spadework.core.config import Settings
from spadework.core.db import Database, Transaction
from spadework.core.ids import AccountId, UserId, new_id
from spadework.core.secrets import Box
from spadework.web import main as web

SECRET = bytes(range(32))
PASSWORD = "seven quiet herons at noon"
ADDRESS = "http://localhost:8300"
_HOME_VARIABLE = "SPADEWORK_TEST_RUN_HOME"
_UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


# How long an example takes is the machine's affair and says nothing about the code.
hypothesis.settings.register_profile(
    "ours", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)  # fmt: skip
hypothesis.settings.load_profile("ours")


def pytest_configure(config: pytest.Config) -> None:
    """Choose one folder for the whole run; the processes that xdist starts inherit the variable."""
    if not hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="spadework-run-"))
        folder.chmod(0o711)  # root's server runs as another user, who must pass through
        os.environ[_HOME_VARIABLE] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    folder = Path(os.environ.pop(_HOME_VARIABLE))
    if (folder / "home").exists():
        postgres.stop(folder / "home", mode="immediate")
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Addresses:
    """How to reach this process's database: as superuser, and as the two restricted roles."""

    admin: str
    app: str
    engine: str


@pytest.fixture(scope="session")
async def addresses(worker_id: str) -> Addresses:
    """A migrated database that this test process has to itself."""
    folder = Path(os.environ[_HOME_VARIABLE])
    server = postgres.start(folder / "home", settings=_UNSAFE_BUT_FAST)
    name = f"tests_{worker_id}"
    with _one_at_a_time(folder / "setup.lock"):
        connection = await asyncpg.connect(server.dsn())
        await connection.execute(f"create database {name}")
        await connection.close()
        made = await migrate.bring_up_to_date(server.dsn(name), secret=SECRET)
    return Addresses(admin=server.dsn(name), app=made.app, engine=made.engine)


@contextlib.contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Roles belong to the whole server, so two processes must not set their databases up at once."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
async def database(addresses: Addresses) -> AsyncIterator[Database]:
    """The pool as the restricted role."""
    pool = await db.connect(addresses.app)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
def box() -> Box:
    return Box(SECRET)


@pytest.fixture
async def account(database: Database, box: Box) -> AccountId:
    """A new account, stored; empty apart from its own row."""
    return await accounts.create_account(database, box, "Example Agency")


class _Undo(Exception):
    """Ends a test's transaction without keeping what it wrote."""


@pytest.fixture
async def tx(database: Database, account: AccountId) -> AsyncIterator[Transaction]:
    """A transaction of the account that leaves nothing behind."""
    with contextlib.suppress(_Undo):
        async with database.transaction(account) as transaction:
            yield transaction
            raise _Undo


@dataclass(frozen=True)
class Person:
    """Somebody of an account who can sign in with PASSWORD."""

    account_id: AccountId
    id: UserId
    email: str
    name: str
    role: str


@pytest.fixture(scope="session")
async def password_hash() -> str:
    """Made once: hashing is slow on purpose."""
    return await passwords.hash_password(PASSWORD)


@pytest.fixture
async def ana(database: Database, account: AccountId, password_hash: str) -> Person:
    """The account's owner."""
    return await add_person(database, account, "Ana", "owner", password_hash)


async def add_person(database: Database, account: AccountId, name: str, role: str, password_hash: str) -> Person:
    """Somebody more in an account, with an address nobody else has."""
    user_id = UserId(new_id())
    email = f"{name.lower()}.{user_id.hex[-12:]}@example.com"
    async with database.transaction(account) as tx:
        await people.add_user(tx, user_id, email=email, name=name, role=role, password_hash=password_hash)
    return Person(account, user_id, email, name, role)


@pytest.fixture(scope="session")
def settings(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a server on this process's database."""
    return config.load(
        {
            "SPADEWORK_HOME": str(tmp_path_factory.mktemp("home")),
            "DATABASE_URL": addresses.admin,
            "SPADEWORK_SECRET_KEY": SECRET.hex(),
            "SPADEWORK_LOG_LEVEL": "ERROR",
        }
    )


@pytest.fixture(scope="session")
async def app(settings: Settings) -> AsyncIterator[App]:
    """The product wired as for the web alone: nothing works in the background."""
    async with wiring.open_app(settings, works=False) as parts:
        yield parts


@contextlib.asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[App]:
    """The product with a worker in this process, which has nothing to do yet."""
    assert settings.database_url is not None
    await stop_left_runs(settings.database_url)
    async with wiring.open_app(settings, works=True) as app:
        yield app


async def stop_left_runs(admin: str) -> None:
    """Runs that other tests have left would be begun first, by a worker that may not even know their kind."""
    connection = await asyncpg.connect(admin)
    await connection.execute(
        "update runs set state = 'stopped' where state in ('queued', 'running', 'waiting', 'stopping')"
    )
    await connection.close()


@pytest.fixture(scope="session")
async def site(app: App) -> AsyncIterator[web.Site]:
    """The web application with its live hub running, called in process."""
    site = web.create(app)
    async with site.router.lifespan_context(site):
        yield site


async def sign_in(app: App, person: Person) -> SignedIn:
    """A session of that person, without the slow password."""
    async with app.database.transaction(person.account_id) as tx:
        return await sessions.open_session(tx, app.box, person.id, Visitor(address="127.0.0.1"))


def browser(site: web.Site, session: SignedIn | None = None) -> httpx2.AsyncClient:
    """A browser on our own pages: same-origin requests, with the session's cookie."""
    cookies = {"spadework_session": session.token} if session else None
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=site),
        base_url=ADDRESS,
        cookies=cookies,
        headers={"Sec-Fetch-Site": "same-origin"},
    )


@pytest.fixture
async def client(site: web.Site, app: App, ana: Person) -> AsyncIterator[httpx2.AsyncClient]:
    """Ana's browser, signed in."""
    async with browser(site, await sign_in(app, ana)) as client:
        yield client


@pytest.fixture
async def visitor(site: web.Site) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of somebody who is not signed in."""
    async with browser(site) as client:
        yield client


@pytest.fixture
async def stranger(
    site: web.Site, app: App, database: Database, box: Box, password_hash: str
) -> AsyncIterator[httpx2.AsyncClient]:
    """The browser of another account's owner, signed in."""
    other = await accounts.create_account(database, box, "Other Agency")
    person = await add_person(database, other, "Olga", "owner", password_hash)
    async with browser(site, await sign_in(app, person)) as client:
        yield client
