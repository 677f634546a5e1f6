"""`runs`: what is being done and was done, and the way to stop it or let it go on."""

from typing import Annotated

import typer

from spadework.cli.acting import Acting, act, read_id
from spadework.core import money
from spadework.runs import actions as runs
from spadework.runs.types import Run
from spadework.spend import actions as spend

app = typer.Typer(add_completion=False, no_args_is_help=True)
RunId = Annotated[str, typer.Argument(metavar="ID", help="Id of the run.")]


@app.command("list")
def list_runs(
    ctx: typer.Context,
    state: Annotated[str | None, typer.Option(help="One state, or `open` for all that may still change.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    cursor: Annotated[str | None, typer.Option(help="`next_cursor` of the page before.")] = None,
) -> None:
    """Runs, newest first."""
    act(ctx, lambda acting: _list(acting, state, limit, cursor))


@app.command("show")
def show_run(ctx: typer.Context, run_id: RunId) -> None:
    """One run with its steps and what it spent."""
    act(ctx, lambda acting: _show(acting, run_id))


@app.command("stop")
def stop_run(ctx: typer.Context, run_id: RunId) -> None:
    """Stop a run: nothing new leaves, what is under way is recorded."""
    act(ctx, lambda acting: _stop(acting, run_id))


@app.command("resume")
def resume_run(ctx: typer.Context, run_id: RunId) -> None:
    """Let a stopped or failed run go on; a running worker takes it, nothing done is done again."""
    act(ctx, lambda acting: _resume(acting, run_id))


async def _list(acting: Acting, state: str | None, limit: int, cursor: str | None) -> None:
    async with acting.read() as tx:
        page = await runs.list_runs(tx, state=state, limit=limit, cursor=cursor)
    acting.terminal.show({"data": [runs.to_brief(each) for each in page.runs], "next_cursor": page.next_cursor})
    acting.terminal.table(
        ("Run", "What", "State", "Done", "Cost", "Begun"),
        [
            (each.id, each.title, each.state, _done(each), money.show(each.progress.get("cost_micro_usd", 0)),
             each.created_at.strftime("%Y-%m-%d %H:%M"))
            for each in page.runs
        ],
        right=(3, 4),
    )  # fmt: skip


async def _show(acting: Acting, run_id: str) -> None:
    async with acting.read() as tx:
        run = await runs.get(tx, read_id(run_id, "run"))
        steps = await runs.list_steps(tx, run.id)
        spent = await spend.spent_by_run(tx, run.id)
    acting.terminal.show(
        {
            **runs.to_brief(run), "input": run.input, "result": run.result,
            "steps": [
                {"no": each.no, "key": each.key, "label": each.label, "state": each.state, "attempts": each.attempts,
                 "duration_ms": each.duration_ms, "error": each.error, "output": each.parsed_output}
                for each in steps
            ],
            "spend": [
                {"provider": each.provider, "capability": each.capability, "calls": each.calls,
                 "settled_micro_usd": each.settled_micro_usd, "is_simulated": each.is_simulated}
                for each in spent
            ],
        }
    )  # fmt: skip
    acting.terminal.say(f"{run.title}: {run.state}, {_done(run)}")
    if run.error:
        acting.terminal.say(str(run.error.get("message", "")))
    acting.terminal.table(
        ("", "Step", "State", "Goes", "Milliseconds"),
        [(each.no, each.label, each.state, each.attempts, each.duration_ms) for each in steps],
        right=(0, 3, 4),
    )


async def _stop(acting: Acting, run_id: str) -> None:
    async with acting.transaction() as tx:
        run = await runs.request_stop(tx, read_id(run_id, "run"), by=None)
    acting.terminal.show(runs.to_brief(run))
    acting.terminal.say(f"The run is {run.state}.")


async def _resume(acting: Acting, run_id: str) -> None:
    async with acting.transaction() as tx:
        run = await runs.resume(tx, read_id(run_id, "run"), by=None)
    acting.terminal.show(runs.to_brief(run))
    acting.terminal.say("The run waits for a worker. `spadework up` or `spadework worker` carries it out.")


def _done(run: Run) -> str:
    return f"{run.progress.get('done', 0):,} of {run.progress.get('total', 0):,}"
