"""Decisions about money, without touching any."""

from collections.abc import Sequence

from spadework.core import money
from spadework.core.errors import Conflict, OutOfBudget
from spadework.spend.types import Budget, Call

_PLACES = {
    "account": "the account", "client": "this client", "workbook": "this workbook",
    "table": "this table", "column": "this column", "run": "this run",
}  # fmt: skip


def how_many_fit(prices: Sequence[int], budgets: Sequence[Budget]) -> int:
    """How many purchases, in order, every budget still has room for."""
    if not budgets:
        return len(prices)
    left = min(each.left_micro_usd for each in budgets)
    total = 0
    for count, price in enumerate(prices):
        total += price
        if total > left:
            return count
    return len(prices)


def out_of_budget(budgets: Sequence[Budget], price_micro_usd: int) -> OutOfBudget:
    """The error for a price that does not fit, naming the tightest budget and what is missing."""
    tightest = min(budgets, key=lambda each: each.left_micro_usd)
    missing = price_micro_usd - tightest.left_micro_usd
    return OutOfBudget(
        f"The budget of {_PLACES[tightest.scope]} has {money.show(tightest.left_micro_usd)} left of"
        f" {money.show(tightest.limit_micro_usd)}; this needs {money.show(missing)} more. Raise it under Spend.",
        details={
            "missing_micro_usd": missing,
            "budget": {
                "scope": tightest.scope,
                "scope_id": str(tightest.scope_id),
                "limit_micro_usd": tightest.limit_micro_usd,
                "left_micro_usd": tightest.left_micro_usd,
            },
        },
    )


def require_unknown(call: Call) -> None:
    """Refuse to reconcile a call whose fate is known.

    Raises:
        Conflict: it has ended already.
    """
    if call.state != "unknown":
        raise Conflict(f"This call is {call.state}, not unknown, so there is nothing to decide.")
