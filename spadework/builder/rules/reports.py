"""What a report of a test or run may hold: figures and a masked failure, nothing of a person's files."""

from spadework.builder.types import Failure
from spadework.core.errors import InvalidInput
from spadework.extracts.masking import is_masked
from spadework.extracts.traces import EXCEPTION_NAMES

_OF_RUNNERS = frozenset({
    "NothingWritten", "OutputRefused", "OutputTooLarge", "InputRefused", "TimedOut", "OutOfMemory", "TooManyTasks", "Killed",
})  # fmt: skip
"""Ends that a runner gives a script, which are no exceptions of its own."""


def require_fitting(failure: Failure | None, *, has_failed: bool, script: str) -> None:
    """Refuse a failure that could carry content of a file, or that does not go with the result.

    Raises:
        InvalidInput: the exception is none we know, the line is not in the script, or the message is not masked.
    """
    if (failure is not None) != has_failed:
        raise InvalidInput("A failure belongs to what has failed, and to nothing else. Correct the report.")
    if failure is None:
        return
    if failure.exception not in EXCEPTION_NAMES | _OF_RUNNERS:
        raise InvalidInput("The failure names an exception that is not known. Report it as Exception.")
    if failure.line is not None and failure.line > script.count("\n") + 1:
        raise InvalidInput("The failure names a line that the script does not have. Leave the line out.")
    if not is_masked(failure.message):
        raise InvalidInput("The failure's message is not masked, so it was not taken. Mask it and report it again.")
