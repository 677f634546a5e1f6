"""`plan`: from the wizard's answers to an approved plan, shown as the table a person decides on."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from spadework.cli.acting import Acting, act, read_id
from spadework.cli.terminal import Terminal
from spadework.core import money
from spadework.core.errors import InvalidInput
from spadework.planner import actions as planner
from spadework.planner.types import Plan
from spadework.runs import actions as runs

app = typer.Typer(add_completion=False, no_args_is_help=True)
PlanId = Annotated[str, typer.Argument(metavar="ID", help="Id of the plan.")]


@app.command("make")
def make_plan(
    ctx: typer.Context,
    answers: Annotated[Path, typer.Argument(help="The wizard's answers: a JSON or YAML file.", exists=False)],
) -> None:
    """Make a plan from answers and show what it would do and cost; nothing is carried out."""
    act(ctx, lambda acting: _make(acting, answers))


@app.command("show")
def show_plan(ctx: typer.Context, plan_id: PlanId) -> None:
    """A plan with the cost of each step."""
    act(ctx, lambda acting: _show(acting, plan_id))


@app.command("list")
def list_plans(ctx: typer.Context) -> None:
    """Plans, newest first."""
    act(ctx, _list)


@app.command("approve")
def approve_plan(
    ctx: typer.Context,
    plan_id: PlanId,
    seen: Annotated[str, typer.Option("--hash", help="The plan's hash as it was shown; binds the yes to it.")],
) -> None:
    """Say yes to exactly what was shown; a running worker carries it out."""
    act(ctx, lambda acting: _approve(acting, plan_id, seen))


def read_answers(path: Path) -> dict[str, Any]:
    """What the file holds.

    Raises:
        InvalidInput: it cannot be read, or is neither JSON nor YAML.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}. Name a JSON or YAML file with the answers.") from error
    try:
        content = json.loads(text) if path.suffix.lower() not in (".yaml", ".yml") else _yaml(text, path)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{path} is no JSON: {error}. Correct it, or end its name in .yaml.") from error
    if not isinstance(content, dict):
        raise InvalidInput(f"{path} holds a {type(content).__name__}, not the answers' object with `workbook_name`.")
    return content


def show(terminal: Terminal, plan: Plan) -> None:
    """The plan as a person decides on it: each step, its rows, its expected and worst price."""
    estimates = {each["order"]: each for each in plan.compiled["steps"]}
    terminal.table(
        ("", "Step", "Rows", "Expected", "At most", "Note"),
        [(step.order, step.description, *_costs(estimates.get(step.order, {}))) for step in plan.document.steps],
        title=f"{plan.name}: {plan.document.description}",
        right=(0, 2, 3, 4),
    )
    terminal.say(
        f"{plan.compiled['rows']:,} rows, expected {money.show(plan.compiled['expected_micro_usd'])},"
        f" at most {money.show(plan.compiled['worst_micro_usd'])}. Hash {plan.hash}"
    )
    for each in (*plan.document.warnings, *plan.document.recommendations):
        terminal.say(f"  {each}")
    for blocker in plan.compiled["blockers"]:
        terminal.say(f"  Step {blocker['order']} blocks the plan: {blocker['message']}")


async def _make(acting: Acting, path: Path) -> None:
    answers = planner.parse_answers(read_answers(path))
    client = await acting.client()
    async with acting.transaction() as tx:
        plan = await planner.draft(tx, client.id, answers, home=acting.app.settings.home, by=None)
    acting.terminal.show(planner.show(plan))
    show(acting.terminal, plan)
    if plan.compiled["blockers"]:
        acting.terminal.say("It cannot be approved as it is. Do what the lines above say, then make it again.")
    else:
        acting.terminal.say(f"Approve it with: spadework plan approve {plan.id} --hash {plan.hash}")


async def _show(acting: Acting, plan_id: str) -> None:
    async with acting.read() as tx:
        plan = await planner.get(tx, read_id(plan_id, "plan"))
    acting.terminal.show(planner.show(plan))
    show(acting.terminal, plan)


async def _list(acting: Acting) -> None:
    async with acting.read() as tx:
        plans = await planner.list_plans(tx)
    acting.terminal.show({"data": [planner.show(each) for each in plans], "next_cursor": None})
    acting.terminal.table(
        ("Plan", "Name", "State", "Rows", "Expected", "Made"),
        [
            (each.id, each.name, each.state, each.compiled["rows"], money.show(each.compiled["expected_micro_usd"]),
             each.created_at.strftime("%Y-%m-%d %H:%M"))
            for each in plans
        ],
        right=(3, 4),
    )  # fmt: skip


async def _approve(acting: Acting, plan_id: str, seen: str) -> None:
    async with acting.transaction() as tx:
        plan, run = await planner.approve(tx, read_id(plan_id, "plan"), seen=seen, by=None)
    acting.terminal.show({"plan": planner.show(plan), "run": runs.to_brief(run)})
    acting.terminal.say(f"Approved. Run {run.id} waits for a worker: `spadework up` or `spadework worker`.")


def _costs(estimate: Mapping[str, Any]) -> tuple[str, str, str, str]:
    if not estimate or not estimate["rows"]:
        return "", "", "", ""
    rows = f"{estimate['rows']:,}"
    if not estimate["note"] and not estimate["worst_micro_usd"]:
        return rows, "free", "free", ""
    expected, worst = money.show(estimate["expected_micro_usd"]), money.show(estimate["worst_micro_usd"])
    return rows, expected, worst, estimate["note"]


def _yaml(text: str, path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInput(f"{path} is no YAML: {error}. Correct it.") from error
