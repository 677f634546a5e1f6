"""What the command line prints, and the code it ends with; nothing is decided or looked up here."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from spadework.core.errors import (
    Halted,
    InvalidInput,
    NotFound,
    OutOfBudget,
    ProviderUnavailable,
    SpadeworkError,
    TooFast,
    Unavailable,
)

if TYPE_CHECKING:
    from rich.console import Console


class ExitCode(IntEnum):
    """How a command ended, for scripts."""

    OK = 0
    FAILED_CHECK = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    OUT_OF_BUDGET = 5
    UNAVAILABLE = 6
    STOPPED = 7
    BROKEN = 70


EXIT_CODES = (
    "Exit codes: 0 done, 1 a check failed, 2 wrong usage, 3 not found, 4 refused or invalid, 5 out of budget,"
    " 6 unavailable, 7 stopped, 70 Spadework itself broke."
)
_CODES: Sequence[tuple[tuple[type[SpadeworkError], ...], ExitCode]] = (
    ((NotFound,), ExitCode.NOT_FOUND),
    ((OutOfBudget,), ExitCode.OUT_OF_BUDGET),
    ((Unavailable, TooFast, ProviderUnavailable), ExitCode.UNAVAILABLE),
    ((Halted,), ExitCode.STOPPED),
    ((InvalidInput, SpadeworkError), ExitCode.REFUSED),
)


def exit_code_of(error: SpadeworkError) -> ExitCode:
    """The code a command ends with when this error stopped it."""
    return next(code for kinds, code in _CODES if isinstance(error, kinds))


@dataclass(frozen=True)
class Terminal:
    """Where a command's result goes: for people as text and tables, for programs as JSON, never both."""

    is_json: bool

    def show(self, machine: Any) -> None:
        """One JSON document on standard output; nothing unless `--json` was given."""
        if self.is_json:
            sys.stdout.write(orjson.dumps(machine, default=str).decode() + "\n")
            sys.stdout.flush()

    def say(self, text: str) -> None:
        """One line for a person; nothing with `--json`."""
        if not self.is_json:
            self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", right: Iterable[int] = ()
    ) -> None:
        """A table for a person, the columns numbered in `right` aligned right; nothing with `--json`."""
        if self.is_json:
            return
        from rich.markup import escape
        from rich.table import Table

        numbers = set(right)
        table = Table(title=title or None, title_justify="left", header_style="bold", expand=False)
        for index, name in enumerate(columns):
            table.add_column(name, justify="right" if index in numbers else "left", overflow="fold")
        for row in rows:
            table.add_row(*("" if each is None else escape(str(each)) for each in row))
        self.console.print(table)

    def fail(self, code: str, message: str, details: Any = None) -> None:
        """Why the command stopped, on standard error."""
        if self.is_json:
            content = {"error": {"code": code, "message": message, "details": details or {}}}
            sys.stderr.write(orjson.dumps(content, default=str).decode() + "\n")
        else:
            sys.stderr.write(message.rstrip() + "\n")
        sys.stderr.flush()

    @cached_property
    def console(self) -> "Console":
        """Standard output; lines are not cut when it is no terminal."""
        from rich.console import Console

        return Console() if sys.stdout.isatty() else Console(width=160)
