"""How a command acts: opens the product, as one account and for one client, and runs until done or Ctrl-C."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

import typer

from spadework.accounts.actions import accounts
from spadework.app import App, open_app
from spadework.cli.main import Choice
from spadework.cli.terminal import Terminal
from spadework.clients import actions as clients
from spadework.clients.types import Client
from spadework.core import config
from spadework.core.config import Settings
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import InvalidInput, NotFound
from spadework.core.ids import AccountId
from spadework.toolbox import training

Result = TypeVar("Result")
FIRST_CLIENT = "My company"


@dataclass(frozen=True)
class Acting:
    """One command at work: the open product, the account it acts on, and where its result goes."""

    app: App
    account_id: AccountId
    terminal: Terminal
    client_asked: str | None = None

    def read(self) -> AbstractAsyncContextManager[ReadOnly]:
        """A read-only transaction of the account."""
        return self.app.database.read(self.account_id)

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction of the account."""
        return self.app.database.transaction(self.account_id)

    async def client(self) -> Client:
        """The client asked for by `--client`, else the first; made when the account has none yet.

        Raises:
            NotFound: none of that name or id.
        """
        async with self.transaction() as tx:
            known = (await clients.list_clients(tx)).clients
            if self.client_asked is None:
                return known[0] if known else await clients.create(tx, FIRST_CLIENT)
            wanted = self.client_asked.strip().casefold()
            for each in known:
                if wanted in (each.name.casefold(), str(each.id)):
                    return each
        names = ", ".join(each.name for each in known) or "none yet"
        raise NotFound(f"There is no client {self.client_asked!r}. There are: {names}.")


def act(ctx: typer.Context, command: Callable[[Acting], Awaitable[Result]], *, works: bool = False) -> Result:
    """The result of a command that needs the product open; with `works`, this process also carries out runs."""
    choice: Choice = ctx.obj
    return run(_act(choice, command, works=works))


def run(what: Coroutine[Any, Any, Result]) -> Result:
    """The coroutine's result, on the fastest event loop there is."""
    try:
        import uvloop
    except ImportError:  # uvloop has no Windows build
        return asyncio.run(what)
    return uvloop.run(what)


def settings() -> Settings:
    """Settings from the environment; a command's own output is not drowned in logs unless they were asked for."""
    loaded = config.load()
    return loaded if os.environ.get("SPADEWORK_LOG_LEVEL") else replace(loaded, log_level="WARNING")


def read_id(text: str, what: str) -> UUID:
    """The id somebody typed.

    Raises:
        InvalidInput: it has another form.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no id of a {what}. Copy it from the list.") from error


@asynccontextmanager
async def opened(choice: Choice, *, works: bool = False) -> AsyncIterator[Acting]:
    """The product open for one command; with `works`, runs are carried out and training mode answers."""
    tell = choice.terminal.say if os.environ.get("SPADEWORK_LOG_LEVEL") == "DEBUG" else None
    async with open_app(settings(), works=works, on_progress=tell) as app:
        account_id = await _account(app, choice.account)
        acting = Acting(app, account_id, choice.terminal, choice.client)
        if not works:
            yield acting
            return
        async with training.simulated(app.vendors, app.settings.home):
            yield acting


async def _act(choice: Choice, command: Callable[[Acting], Awaitable[Result]], *, works: bool) -> Result:
    async with opened(choice, works=works) as acting:
        return await command(acting)


async def _account(app: App, asked: str | None) -> AccountId:
    if asked is None:
        return await accounts.first_account(app.database, app.box)
    account_id = AccountId(read_id(asked, "account"))
    async with app.database.read(account_id) as tx:
        await accounts.get_account(tx)
    return account_id
