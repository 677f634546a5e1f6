"""`demo`: the main job in the terminal: answers, plan with cost, a yes, a table that fills, a CSV file."""

import asyncio
import contextlib
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from spadework.cli import plans
from spadework.cli.acting import Acting, act
from spadework.cli.tables import write_csv
from spadework.cli.terminal import Terminal
from spadework.core import money
from spadework.core.errors import Halted, InvalidInput, SpadeworkError
from spadework.planner import actions as planner
from spadework.planner.types import Plan
from spadework.runs import actions as runs
from spadework.runs.types import Run
from spadework.spend import actions as spend
from spadework.workbooks.actions import pages, tables
from spadework.workbooks.types import Table

app = typer.Typer(add_completion=False)
_LOOK_SECONDS = 0.15
_STOP_SECONDS = 20.0


@app.command("demo")
def demo(
    ctx: typer.Context,
    answers: Annotated[Path | None, typer.Option(help="The wizard's answers, JSON or YAML, instead of ours.")] = None,
    csv: Annotated[Path | None, typer.Option(help="File to write; by default exports/<workbook>.csv.")] = None,
    yes: Annotated[bool, typer.Option("--yes", envvar="YES", help="Approve without asking.")] = False,
) -> None:
    """Find real companies, score them, look for addresses in training mode, and write a CSV; nothing is spent."""
    plan = act(ctx, lambda acting: _make_plan(acting, answers))
    if not yes:
        _require_yes(ctx, plan)
    act(ctx, lambda acting: _carry_out(acting, plan, csv), works=True)


async def _make_plan(acting: Acting, answers: Path | None) -> Plan:
    given = planner.parse_answers(plans.read_answers(answers) if answers else _own_answers())
    client = await acting.client()
    async with acting.transaction() as tx:
        plan = await planner.draft(tx, client.id, given, home=acting.app.settings.home, by=None)
    plans.show(acting.terminal, plan)
    if blockers := plan.compiled["blockers"]:
        # Asked for a yes, a person would only learn after it that it cannot be carried out.
        raise InvalidInput(f"The plan cannot run yet. {blockers[0]['message']}")
    return plan


def _require_yes(ctx: typer.Context, plan: Plan) -> None:
    """A person's yes, asked while nothing is open: they may take their time.

    Raises:
        Halted: they said no. InvalidInput: nobody is there to ask.
    """
    terminal: Terminal = ctx.obj.terminal
    try:
        if terminal.is_json:
            raise typer.Abort
        is_yes = typer.confirm("Carry out this plan?", default=False)
    except typer.Abort as error:
        raise InvalidInput("Nobody was there to approve the plan. Run the command with --yes to do so.") from error
    if not is_yes:
        act(ctx, lambda acting: _reject(acting, plan))
        raise Halted("You said no, so nothing was carried out. The plan is kept: `spadework plan list`.")


async def _reject(acting: Acting, plan: Plan) -> None:
    async with acting.transaction() as tx:
        await planner.reject(tx, plan.id, by=None)


async def _carry_out(acting: Acting, plan: Plan, csv: Path | None) -> None:
    started = time.monotonic()
    async with acting.transaction() as tx:
        _, run = await planner.approve(tx, plan.id, seen=plan.hash, by=None)
    ended = await _watch(acting, run.id)
    table = await _table(acting, ended)
    path = _absolute(csv or Path("exports") / f"{_file_name(plan.name)}.csv")
    await write_csv(acting, table.id, path)
    await _sum_up(acting, plan, ended, table, path, time.monotonic() - started)


async def _watch(acting: Acting, run_id: UUID) -> Run:
    """The run once it has ended, its columns' progress shown meanwhile; leaving early stops it.

    Raises:
        SpadeworkError: it failed or was stopped, with the way to go on.
    """
    async with _stopped_on_leaving(acting, run_id):
        with _bars(acting) as bars:
            while True:
                async with acting.read() as tx:
                    run = await runs.get(tx, run_id)
                    names = await _field_names(tx, run)
                bars.show(run, names)
                if not run.is_open:
                    break
                await asyncio.sleep(_LOOK_SECONDS)
    if run.state == "succeeded":
        return run
    message = (run.error or {}).get("message", f"The run is {run.state}.")
    way_on = f"Go on with `spadework runs resume {run.id}`, while `spadework up` runs."
    raise (Halted if run.state == "stopped" else SpadeworkError)(f"{message} {way_on}")


@asynccontextmanager
async def _stopped_on_leaving(acting: Acting, run_id: UUID) -> AsyncIterator[None]:
    try:
        yield
    except asyncio.CancelledError:
        acting.terminal.say("Stopping; what is under way is written down.")
        with contextlib.suppress(SpadeworkError, TimeoutError):
            await asyncio.wait_for(_stop(acting, run_id), _STOP_SECONDS)
        acting.terminal.say(f"Go on with `spadework runs resume {run_id}`, while `spadework up` runs.")
        raise


async def _stop(acting: Acting, run_id: UUID) -> None:
    async with acting.transaction() as tx:
        run = await runs.request_stop(tx, run_id, by=None)
    while run.is_open:
        await asyncio.sleep(_LOOK_SECONDS)
        async with acting.read() as tx:
            run = await runs.get(tx, run_id)


async def _field_names(tx: Any, run: Run) -> dict[str, str]:
    table_id = run.progress.get("table_id")
    if not table_id or (table := await tables.find_table(tx, UUID(table_id))) is None:
        return {}
    return {str(each.id): each.name for each in table.fields}


@dataclass
class _Bars:
    """One bar for each column that fills; nothing where no person looks."""

    progress: Any | None
    tasks: dict[str, Any]

    def show(self, run: Run, names: Mapping[str, str]) -> None:
        self._set("", "Plan", run.progress)
        for field_id, each in run.progress.get("child", {}).get("fields", {}).items():
            self._set(field_id, names.get(field_id, "column"), each)

    def _set(self, key: str, name: str, counted: Mapping[str, Any]) -> None:
        if self.progress is None:
            return
        if key not in self.tasks:
            self.tasks[key] = self.progress.add_task(name, total=None)
        self.progress.update(self.tasks[key], total=counted.get("total"), completed=counted.get("done", 0))


@contextlib.contextmanager
def _bars(acting: Acting) -> Iterator[_Bars]:
    if acting.terminal.is_json:
        yield _Bars(None, {})
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=acting.terminal.console) as progress:
        yield _Bars(progress, {})


async def _table(acting: Acting, run: Run) -> Table:
    async with acting.read() as tx:
        return await tables.get_table(tx, UUID(run.progress["table_id"]))


async def _sum_up(acting: Acting, plan: Plan, run: Run, table: Table, path: Path, seconds: float) -> None:
    async with acting.read() as tx:
        by_field = await pages.counts(tx, table.id)
        child = await runs.find_child(tx, run.id, "fill_columns")
        spent = await spend.spent_by_run(tx, child.id) if child else []
    computed = set(child.subject["field_ids"]) if child else set()
    cells: Counter[str] = Counter()
    for field_id, states in by_field.items():
        if str(field_id) in computed:
            cells.update({state: count for state, count in states.items() if count})
    acting.terminal.show(
        {
            "plan_id": str(plan.id), "hash": plan.hash, "rows": table.row_count, "cells": dict(cells),
            "spend": [
                {"provider": each.provider, "capability": each.capability, "calls": each.calls,
                 "settled_micro_usd": each.settled_micro_usd, "is_simulated": each.is_simulated}
                for each in spent
            ],
            "spent_micro_usd": sum(each.settled_micro_usd for each in spent if not each.is_simulated),
            "seconds": round(seconds, 2), "csv_path": str(path), "workbook_id": str(table.workbook_id),
            "table_id": str(table.id), "run_id": str(run.id),
        }
    )  # fmt: skip
    if spent:
        acting.terminal.table(
            ("Provider", "Question", "Calls", "Spent", ""),
            [
                (each.provider, each.capability, each.calls, money.show(each.settled_micro_usd),
                 "simulated" if each.is_simulated else "")
                for each in spent
            ],
            right=(2, 3),
        )  # fmt: skip
    else:
        acting.terminal.say("Every answer was known from before, so nobody was asked.")
    counted = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in cells.most_common())
    acting.terminal.say(f"{table.row_count:,} rows; computed cells: {counted}.")
    acting.terminal.say(f"{seconds:.1f} seconds. {path} is written; `spadework up` shows the workbook.")


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _own_answers() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        resources.files("spadework.planner").joinpath("default_answers.json").read_text("utf-8")
    )
    return content


def _file_name(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text).strip("-").lower() or "workbook"
