"""`budget`: limits on what may be spent, in dollars."""

from typing import Annotated

import typer

from spadework.cli.acting import Acting, act, read_id
from spadework.core import money
from spadework.spend import actions as spend
from spadework.spend.types import Budget

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command("list")
def list_budgets(ctx: typer.Context) -> None:
    """Every budget, and how much of it is set aside and spent."""
    act(ctx, _list)


@app.command("set")
def set_budget(
    ctx: typer.Context,
    scope: Annotated[str, typer.Argument(help="account, client, workbook, table, column or run.")],
    scope_id: Annotated[str, typer.Argument(metavar="ID", help="Id of that account, client and so on.")],
    amount: Annotated[str, typer.Argument(help="Dollars, such as 25 or 2.50.")],
) -> None:
    """Limit what may be spent at one place; what was spent there before counts."""
    act(ctx, lambda acting: _set(acting, scope, scope_id, amount))


@app.command("remove")
def remove_budget(ctx: typer.Context, budget_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Lift a limit."""
    act(ctx, lambda acting: _remove(acting, budget_id))


async def _list(acting: Acting) -> None:
    async with acting.read() as tx:
        budgets = await spend.list_budgets(tx)
    acting.terminal.show({"data": [_machine(each) for each in budgets]})
    acting.terminal.table(
        ("Budget", "Scope", "Of", "Limit", "Set aside", "Spent", "Left"),
        [
            (each.id, each.scope, each.scope_id, money.show(each.limit_micro_usd), money.show(each.reserved_micro_usd),
             money.show(each.spent_micro_usd), money.show(each.left_micro_usd))
            for each in budgets
        ],
        right=(3, 4, 5, 6),
    )  # fmt: skip


async def _set(acting: Acting, scope: str, scope_id: str, amount: str) -> None:
    limit = money.from_usd(amount)
    async with acting.transaction() as tx:
        budget = await spend.set_budget(tx, scope, read_id(scope_id, scope), limit, by=None)
    acting.terminal.show(_machine(budget))
    acting.terminal.say(f"{money.show(budget.left_micro_usd)} of {money.show(limit)} is left for this {scope}.")


async def _remove(acting: Acting, budget_id: str) -> None:
    async with acting.transaction() as tx:
        await spend.remove_budget(tx, read_id(budget_id, "budget"))
    acting.terminal.show({"removed": budget_id})
    acting.terminal.say("The limit is lifted.")


def _machine(budget: Budget) -> dict[str, object]:
    return {
        "id": str(budget.id), "scope": budget.scope, "scope_id": str(budget.scope_id),
        "limit_micro_usd": budget.limit_micro_usd, "reserved_micro_usd": budget.reserved_micro_usd,
        "spent_micro_usd": budget.spent_micro_usd, "left_micro_usd": budget.left_micro_usd,
    }  # fmt: skip
