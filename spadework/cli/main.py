"""The command `spadework`: its nouns, its global options, and how it ends. Each noun is one file beside this."""

import importlib
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from spadework.cli.terminal import EXIT_CODES, ExitCode, Terminal, exit_code_of
from spadework.core.errors import SpadeworkError


@dataclass(frozen=True)
class Choice:
    """What the global options chose."""

    terminal: Terminal
    account: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class _Noun:
    module: str
    name: str
    summary: str


NOUNS = {
    "up": _Noun("serving", "up", "Start everything and print the address and, the first time, a sign-in link."),
    "demo": _Noun("demo", "app", "Run the main job on real companies in the terminal, without any key."),
    "api": _Noun("serving", "api", "Start the web server alone; workers run elsewhere."),
    "worker": _Noun("serving", "worker", "Start one worker; any number may run, and each may be killed."),
    "plan": _Noun("plans", "app", "Make, show and approve plans."),
    "prompts": _Noun("prompts", "app", "List, compare, save, label, evaluate, export and import prompts."),
    "runs": _Noun("runs", "app", "List, show, stop, resume and retry runs."),
    "tables": _Noun("tables", "app", "List, show, export and import tables."),
    "run-workflow": _Noun("workflows", "app", "Run an approved workflow over files on this machine, in a sandbox."),
    "keys": _Noun("keys", "app", "List, set and remove keys of data vendors and language models."),
    "recover": _Noun("recovery", "app", "Print a one-time link for an owner who lost the password."),
    "budget": _Noun("budgets", "app", "List, set and remove budgets."),
    "providers": _Noun("providers", "app", "Show what there is to ask and what it costs."),
    "check": _Noun("checks", "check", "Check the books: money, cells and runs must agree with each other."),
    "quiesce": _Noun("checks", "quiesce", "Wait until no run is runnable or in flight."),
    "openapi": _Noun("openapi", "app", "Print the contract of the REST API."),
}


class _Commands(dict[str, Any]):
    """Commands by name, each imported when somebody looks at it, so that `--help` answers at once."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(NOUNS))

    def __getitem__(self, name: str) -> Any:
        command = super().__getitem__(name)
        if command is None:
            noun = NOUNS[name]
            found = getattr(importlib.import_module(f"spadework.cli.{noun.module}"), noun.name)
            command = self[name] = typer.main.get_command(found)
            command.name = name
        return command

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in NOUNS else default


class _Summary:
    """What a listing shows of a command that was not imported."""

    deprecated = False
    hidden = False
    rich_help_panel = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.help = self.short_help = NOUNS[name].summary

    def get_short_help_str(self, limit: int = 45) -> str:
        return str(self.help)


class _Nouns(TyperGroup):
    """The group of all commands."""

    is_listing = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = _Commands()

    def list_commands(self, ctx: Any) -> list[str]:
        return list(NOUNS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _Summary(cmd_name) if self.is_listing else super().get_command(ctx, cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.is_listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self.is_listing = False


app = typer.Typer(
    cls=_Nouns, add_completion=False, no_args_is_help=True, epilog=EXIT_CODES, pretty_exceptions_enable=False,
    help="Spadework: find companies, fill in what is missing, and see what every value cost and where it came from.",
)  # fmt: skip


@app.callback()
def choose(
    ctx: typer.Context,
    is_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output; errors as JSON too.")] = False,
    account: Annotated[str | None, typer.Option(help="Id of the account to act on; by default the first.")] = None,
    client: Annotated[str | None, typer.Option(help="Name or id of the client; by default the first.")] = None,
) -> None:
    ctx.obj = Choice(Terminal(is_json), account, client)


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the arguments ask and end the process with the code that says how it went."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(words))


def _run(words: list[str]) -> int:
    terminal = Terminal("--json" in _before_end_of_options(words))
    try:
        ended = app(_globals_first(words), prog_name="spadework", standalone_mode=False)
        if ended == _INTERRUPTED:
            raise KeyboardInterrupt
        return ended if isinstance(ended, int) else ExitCode.OK
    except SpadeworkError as error:
        terminal.fail(error.code, error.message, error.details)
        return exit_code_of(error)
    except (KeyboardInterrupt, typer.Abort):
        terminal.fail("stopped", "Stopped. What was done is kept; the same command goes on or begins anew.")
        return ExitCode.STOPPED
    except TyperException as error:
        if said := error.format_message().strip():
            terminal.fail("usage", f"{said.rstrip('.')}. See `spadework --help`.")
        return ExitCode.USAGE
    except BrokenPipeError:
        return ExitCode.OK
    except Exception as error:
        # The command's own door: what nobody foresaw is shown with its cause, and has a code of its own.
        if not terminal.is_json:
            traceback.print_exc()
        terminal.fail("internal", f"Something in Spadework broke: {type(error).__name__}: {error}")
        return ExitCode.BROKEN


_INTERRUPTED = 130  # what typer makes of Ctrl-C
_GLOBAL_WITH_VALUE = ("--account", "--client")


def _globals_first(words: Sequence[str]) -> list[str]:
    """The same words with global options in front, so that people may write them anywhere."""
    front: list[str] = []
    rest: list[str] = []
    each: Iterator[str] = iter(words)
    for word in each:
        if word == "--":
            rest += [word, *each]
        elif word == "--json" or word.startswith(tuple(f"{name}=" for name in _GLOBAL_WITH_VALUE)):
            front.append(word)
        elif word in _GLOBAL_WITH_VALUE:
            front += [word, *(value for value in [next(each, None)] if value is not None)]
        else:
            rest.append(word)
    return front + rest


def _before_end_of_options(words: Sequence[str]) -> Sequence[str]:
    return words[: words.index("--")] if "--" in words else words


if __name__ == "__main__":
    main()
