"""`check` and `quiesce`: whether the books agree with each other, and whether everything is at rest."""

import asyncio
import time
from typing import Annotated

import typer

from spadework.accounts.actions import accounts
from spadework.cli.acting import Acting, act
from spadework.cli.terminal import ExitCode
from spadework.runs import actions as runs
from spadework.spend import actions as spend
from spadework.spend.types import Finding
from spadework.workbooks.actions import audit

check = typer.Typer(add_completion=False)
quiesce = typer.Typer(add_completion=False)
_LEASE_SECONDS = 60.0
_LOOK_SECONDS = 0.25


@check.command("check")
def check_books(ctx: typer.Context) -> None:
    """Check what must always hold, for every account; exit code 1 when something does not."""
    findings = act(ctx, _check)
    if not all(each.holds for each in findings):
        raise typer.Exit(ExitCode.FAILED_CHECK)


@quiesce.command("quiesce")
def wait_for_rest(
    ctx: typer.Context, timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 60.0
) -> None:
    """Wait until no run of any account is runnable or in flight; exit code 1 when some still are."""
    if any(act(ctx, lambda acting: _wait(acting, timeout)).values()):
        raise typer.Exit(ExitCode.FAILED_CHECK)


async def _check(acting: Acting) -> list[Finding]:
    totals: dict[str, Finding] = {}
    for account_id in await accounts.list_account_ids(acting.app.database):
        async with acting.app.database.read(account_id) as tx:
            running, abandoned = await runs.count_abandoned(tx, after_seconds=_LEASE_SECONDS)
            found = [
                *await spend.audit(tx),
                *await audit.audit(tx),
                Finding(
                    name="living_workers", checked=running, wrong=abandoned,
                    rule=f"No run is left by a worker silent for more than {_LEASE_SECONDS:.0f} seconds",
                ),
            ]  # fmt: skip
        for each in found:
            before = totals.get(each.name)
            totals[each.name] = _added(before, each) if before else each
    findings = list(totals.values())
    acting.terminal.table(
        ("", "Rule", "Checked", "Wrong"),
        [("ok" if each.holds else "WRONG", each.rule, f"{each.checked:,}", f"{each.wrong:,}") for each in findings],
        right=(2, 3),
    )
    acting.terminal.show(
        {
            "holds": all(each.holds for each in findings),
            "findings": [
                {"name": each.name, "rule": each.rule, "checked": each.checked, "wrong": each.wrong,
                 "holds": each.holds}
                for each in findings
            ],
        }
    )  # fmt: skip
    return findings


async def _wait(acting: Acting, timeout_seconds: float) -> dict[str, int]:
    until = time.monotonic() + timeout_seconds
    while True:
        left = await _moving(acting)
        if not any(left.values()) or time.monotonic() >= until:
            break
        await asyncio.sleep(_LOOK_SECONDS)
    acting.terminal.show({"is_quiet": not any(left.values()), "runs": left})
    if any(left.values()):
        states = ", ".join(f"{count} {state}" for state, count in left.items() if count)
        acting.terminal.say(f"Not at rest: {states}.")
    else:
        acting.terminal.say("At rest: no run is runnable or in flight.")
    return left


async def _moving(acting: Acting) -> dict[str, int]:
    """Runs that may still do something by themselves; one that waits for a person may not."""
    left = {"queued": 0, "running": 0, "stopping": 0}
    for account_id in await accounts.list_account_ids(acting.app.database):
        async with acting.app.database.read(account_id) as tx:
            counts = await runs.count_by_state(tx)
        left = {state: count + counts.get(state, 0) for state, count in left.items()}
    return left


def _added(one: Finding, other: Finding) -> Finding:
    return Finding(
        name=one.name, rule=one.rule, checked=one.checked + other.checked, wrong=one.wrong + other.wrong
    )  # fmt: skip
