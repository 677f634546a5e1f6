"""The processes that stay: everything in one (`up`), the web server alone (`api`), one worker (`worker`)."""

import asyncio
import contextlib
import importlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from spadework.accounts.actions import accounts
from spadework.app import App, open_app
from spadework.cli import acting
from spadework.cli.main import Choice
from spadework.core import config
from spadework.core.config import Settings
from spadework.toolbox import training

up = typer.Typer(add_completion=False)
api = typer.Typer(add_completion=False)
worker = typer.Typer(add_completion=False)
Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")]
RUNS_AT_ONCE = 8


@up.command("up")
def start_everything(
    ctx: typer.Context,
    port: Port = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Leave runs to workers started elsewhere.")] = False,
) -> None:
    """Start database, simulator, web server and worker in one process, until Ctrl-C."""
    acting.run(_serve(ctx.obj, _settings(port), works=not no_worker))


@api.command("api")
def start_api(ctx: typer.Context, port: Port = None) -> None:
    """Start the web server alone, until Ctrl-C; safe to kill at any moment."""
    acting.run(_serve(ctx.obj, _settings(port), works=False))


@worker.command("worker")
def start_worker(
    ctx: typer.Context,
    runs_at_once: Annotated[int, typer.Option(min=1, max=64, help="Runs carried out side by side.")] = RUNS_AT_ONCE,
) -> None:
    """Start one worker, until Ctrl-C; safe to kill at any moment, another one goes on with its work."""
    acting.run(_work(ctx.obj, _settings(None), runs_at_once))


@dataclass(frozen=True)
class _Open:
    app: App
    stop: asyncio.Event


async def _serve(choice: Choice, settings: Settings, *, works: bool) -> None:
    # The edges may not import each other; the web server is the one part of this process that is another edge.
    web: Any = importlib.import_module("spadework.web.main")
    async with _opened(choice, settings, works=works) as parts:
        greetings: list[asyncio.Task[None]] = []

        def greet(address: str) -> None:
            greetings.append(asyncio.create_task(_greet(choice, parts.app, address)))

        await web.serve(parts.app, stop=parts.stop, on_ready=greet)
        await asyncio.gather(*greetings)
    choice.terminal.say("Stopped.")


async def _work(choice: Choice, settings: Settings, runs_at_once: int) -> None:
    async with _opened(choice, settings, works=True, concurrency=runs_at_once) as parts:
        choice.terminal.say(f"Worker {parts.app.worker_id} takes runs (process {os.getpid()}). Ctrl-C stops it.")
        choice.terminal.show({"pid": os.getpid(), "worker_id": parts.app.worker_id})
        await parts.stop.wait()
    choice.terminal.say("Stopped.")


@asynccontextmanager
async def _opened(
    choice: Choice, settings: Settings, *, works: bool, concurrency: int = RUNS_AT_ONCE
) -> AsyncIterator[_Open]:
    stop = asyncio.Event()
    with _signals(stop):
        async with open_app(settings, works=works, concurrency=concurrency, on_progress=choice.terminal.say) as app:
            if not works:
                yield _Open(app, stop)
                return
            async with training.simulated(app.vendors, app.settings.home):
                yield _Open(app, stop)


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Any:
    """SIGINT and SIGTERM set `stop`; a second one ends the process where it stands, which is safe too."""
    loop = asyncio.get_running_loop()

    def ask_to_stop() -> None:
        stop.set()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, ask_to_stop)
    try:
        yield
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)


async def _greet(choice: Choice, app: App, address: str) -> None:
    shown = app.settings.public_url or address
    link = await accounts.make_bootstrap_link(app.database, app.box, address=shown)
    choice.terminal.show({"address": shown, "pid": os.getpid(), "sign_in_link": link})
    choice.terminal.say(f"Spadework answers at {shown} (process {os.getpid()}). Ctrl-C stops it.")
    if link:
        choice.terminal.say(f"Nobody can sign in yet. This link lets one person in, once, for 30 minutes:\n  {link}")


def _settings(port: int | None) -> Settings:
    loaded = config.load()
    return loaded if port is None else replace(loaded, port=port)
