"""Which cells a run mode takes, by the state they are in."""

from typing import get_args

from spadework.plug.column import CellState
from spadework.workbooks.types import RunMode

FAILED: frozenset[CellState] = frozenset(
    {"failed", "rate_limited", "retrying", "invalid", "over_budget", "cancelled", "missing_input"}
)
"""What *failed* runs again. `unknown` is not among them: a paid call without a known end waits for a person."""

_EMPTY: frozenset[CellState] = frozenset({"empty", "cancelled", "queued", "running", "waiting"})
_SETTLED: frozenset[CellState] = frozenset({"done", "no_data", "condition_not_met", "unknown"})


def takes(mode: RunMode, state: CellState) -> bool:
    """Whether a run of that mode computes a cell in that state.

    `all` is every cell that has not run, has failed, or is stale; `force` is everything but `unknown`.
    """
    if state == "unknown":
        return False
    if mode in ("force", "cell", "selected"):
        return True
    if mode == "empty":
        return state in _EMPTY
    if mode == "failed":
        return state in FAILED
    return state not in _SETTLED


def taken(mode: RunMode) -> frozenset[CellState]:
    """The states of which a run of that mode computes cells."""
    return frozenset(each for each in get_args(CellState) if takes(mode, each))


def is_retaken_on_resume(state: CellState) -> bool:
    """Whether a run that goes on computes again a cell it had written: only what was cut short."""
    return state in ("queued", "running", "waiting", "retrying", "rate_limited", "over_budget", "cancelled")
