"""Writes docs/reference from the code: settings, errors, plug-ins, read-only views, commands.

Run `make docs`. With `--check` nothing is written and a page that differs is an error. One heading
for each thing, so that a link to it lasts.
"""
# ruff: noqa: T201  # it talks to a person in a terminal

import dataclasses
import difflib
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spadework.core import config, errors, migrate
from spadework.plug import catalog
from spadework.plug.column import ColumnKind
from spadework.plug.llm import Llm
from spadework.plug.provider import Provider
from spadework.plug.step import Step

REFERENCE = Path(__file__).resolve().parent / "reference"


def pages() -> Mapping[str, str]:
    """Every page of the reference by file name."""
    made = {
        "settings.md": _page("Settings", "Read once, at start-up, from the environment.", _settings()),
        "errors.md": _page(
            "Errors",
            "Each answer that is an error carries its code, and a message with the next move. "
            "A code stays when the message changes.",
            _errors(),
        ),
        "plug-ins.md": _page("Plug-ins", "What the catalogue finds in this version. Each is one file.", _plugins()),
        "views.md": _page(
            "Read-only views",
            "For checks and reports from outside. A superuser sees every account; any other role sets "
            "`app.account_id` first, as row-level security holds here too. Columns may be added; what is here stays.",
            _views(),
        ),
    }
    if importlib.util.find_spec("spadework.cli.main") is not None:
        made["commands.md"] = _page(
            "Commands",
            "With `--json` the result goes to standard output as JSON; errors go to standard error.",
            _commands(),
        )
    return made


def _page(title: str, lead: str, sections: Iterator[str]) -> str:
    note = "<!-- Written by docs/generate.py from the code; `make docs` writes it again. -->"
    return "\n\n".join([note, f"# {title}", lead, *sections]) + "\n"


def _settings() -> Iterator[str]:
    for field in dataclasses.fields(config.Settings):
        yield f"## {field.metadata['env']}\n\n{field.metadata['help']}"


def _errors() -> Iterator[str]:
    seen = [errors.SpadeworkError]
    for error in seen:  # grows while it is read: parents before their children
        seen += error.__subclasses__()
        if error.__module__ == errors.__name__:
            retry = "A retry may help." if error.may_retry else "A retry alone does not help."
            yield f"## {error.code}\n\nHTTP {error.status}. {retry}\n\n{_text(error)}"


def _plugins() -> Iterator[str]:
    for kind, title, shape in (
        ("provider", "Data providers", Provider),
        ("column", "Column kinds", ColumnKind),
        ("llm", "Language models", Llm),
        ("step", "Research steps", Step),
    ):
        yield f"## {title}"
        for key, plugin in catalog.load(shape, kind).items():
            if not plugin.__module__.startswith("spadework."):
                continue  # of a third party, on this machine only
            yield f"### {key}\n\n**{plugin.label}.** {getattr(plugin, 'summary', '') or _text(plugin)}"
            if details := "\n".join(_details(plugin)):
                yield details


def _details(plugin: Any) -> Iterator[str]:
    if url := getattr(plugin, "docs_url", ""):
        yield f"- Documentation: {url}"
    if keys := getattr(plugin, "key_fields", ()):
        yield f"- Needs: {', '.join(f'{each.label} (`{each.name}`)' for each in keys)}"
    for capability in getattr(plugin, "capabilities", ()):
        price = f"{capability.price_credits:g} credits at most" if capability.price_credits else "free"
        charged = ", also for a miss" if capability.is_miss_charged else ""
        yield f"- `{capability.question.capability}`: {price}{charged}, class {capability.call_class}"
    if issubclass(plugin, Step):
        yield f"- Stage `{plugin.stage}`, shown as `{plugin.id}`; asks with {', '.join(f'`{each.prompt}`' for each in plugin.asks)}"
    if models := getattr(plugin, "models", ()):
        yield f"- Models: {', '.join(f'`{each.id}`' for each in models)}"


def _views() -> Iterator[str]:
    """What the migrations' comments say of each view; a later comment takes the place of an earlier one."""
    comments: dict[str, str] = {}
    for migration in migrate.all_migrations():
        found = re.findall(
            r"^comment on (?:view|column) (v2?_[\w.]+) is '((?:[^']|'')*)';$", migration.sql, re.MULTILINE
        )
        comments.update((name, text.replace("''", "'")) for name, text in found)
    for name, text in comments.items():
        view, _, column = name.partition(".")
        if not column:
            columns = [(each.partition(".")[2], says) for each, says in comments.items() if each.startswith(f"{view}.")]
            yield "\n\n".join([f"## {view}", text, "\n".join(f"- `{each}`: {says}" for each, says in columns)])


def _commands() -> Iterator[str]:
    import typer

    app = importlib.import_module("spadework.cli.main").app
    yield from _command(typer.main.get_command(app), "spadework")


def _command(command: Any, name: str) -> Iterator[str]:
    children = getattr(command, "commands", {})
    if not children or command.epilog:
        options = [_option(each) for each in command.params if "--help" not in each.opts and not _is_hidden(each)]
        text = [f"## {name}", inspect.cleandoc(command.help or ""), "\n".join(options), command.epilog]
        yield "\n\n".join(filter(None, text))
    for child in sorted(children):
        if not children[child].hidden:
            yield from _command(children[child], f"{name} {child}")


def _option(option: Any) -> str:
    required = " (required)" if option.required else ""
    return f"- `{' '.join(option.opts)}`{required}: {(getattr(option, 'help', '') or '').strip()}"


def _is_hidden(option: Any) -> bool:
    return bool(getattr(option, "hidden", False))


def _text(thing: type) -> str:
    return " ".join((inspect.getdoc(thing) or "").split())


def main() -> None:
    """Write the pages, or compare them when asked to."""
    is_check = sys.argv[1:] == ["--check"]
    stale = False
    for name, text in pages().items():
        path = REFERENCE / name
        committed = path.read_text() if path.is_file() else ""
        if committed == text:
            continue
        stale = True
        if is_check:
            difference = difflib.unified_diff(
                committed.splitlines(), text.splitlines(), name, f"{name} now", n=0, lineterm=""
            )
            print("\n".join(list(difference)[:20]))
        else:
            REFERENCE.mkdir(exist_ok=True)
            path.write_text(text)
            print(f"wrote docs/reference/{name}")
    if is_check and stale:
        sys.exit("docs/reference differs from the code. Run `make docs` and commit the result.")


if __name__ == "__main__":
    main()
