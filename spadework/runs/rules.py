"""Which changes of a run's state are allowed."""

from spadework.core.errors import Conflict
from spadework.runs.types import Run

_WORDS = {
    "queued": "waiting to start",
    "running": "running",
    "waiting": "waiting for a person",
    "stopping": "stopping",
    "stopped": "stopped",
    "succeeded": "finished",
    "failed": "failed",
}


def require_stoppable(run: Run) -> None:
    """Refuse to stop what has ended.

    Raises:
        Conflict: the run is over; there is nothing left to stop.
    """
    if not run.is_open:
        raise Conflict(f"This run has {_WORDS[run.state]} already, so there is nothing to stop.")


def require_resumable(run: Run) -> None:
    """Refuse to resume what is under way or complete.

    Raises:
        Conflict: only a stopped or failed run can go on.
    """
    if run.state not in ("stopped", "failed"):
        raise Conflict(f"This run is {_WORDS[run.state]}. Only a stopped or failed run can be resumed.")


def attempt_id(run: Run) -> str:
    """The engine's name for this worker's go at the run; whoever takes it next has another."""
    return f"{run.id}.{run.fence}"
