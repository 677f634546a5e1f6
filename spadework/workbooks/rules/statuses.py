"""What a table's status is, from the run that matters to it; pure."""

from collections.abc import Mapping

from spadework.workbooks.rules import modes
from spadework.workbooks.types import TableStatus

_OF_RUN: Mapping[str | None, TableStatus] = {
    None: "pending", "queued": "running", "running": "running", "waiting": "running", "stopping": "running",
    "stopped": "pending", "succeeded": "complete", "failed": "failed",
}  # fmt: skip
_WENT_WRONG = modes.FAILED - {"missing_input"} | {"unknown"}


def status_of(run_state: str | None, cells_by_state: Mapping[str, int]) -> TableStatus:
    """The status of a table whose open or else last run is in that state and has written these cells.

    A run that came to its end is not complete for the reader when every cell of it went wrong.
    """
    is_all_wrong = sum(cells_by_state.values()) > 0 and all(
        state in _WENT_WRONG for state, cells in cells_by_state.items() if cells
    )
    return "failed" if run_state == "succeeded" and is_all_wrong else _OF_RUN[run_state]
