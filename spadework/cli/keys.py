"""`keys`: keys of data vendors and language models, typed without echo or read from standard input."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from spadework.accounts.actions import credentials
from spadework.accounts.types import CredentialKind
from spadework.cli.acting import Acting, act
from spadework.core.errors import InvalidInput, UnknownReference
from spadework.plug import catalog
from spadework.plug.llm import Llm
from spadework.plug.provider import KeyField, Provider

app = typer.Typer(add_completion=False, no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="PROVIDER", help="A data vendor or language model.")]


@app.command("list")
def list_keys(ctx: typer.Context) -> None:
    """Which keys are stored; never the keys."""
    act(ctx, _list)


@app.command("set")
def set_key(
    ctx: typer.Context,
    name: Name,
    base_url: Annotated[str | None, typer.Option(help="Another address that speaks the same language.")] = None,
    usd_per_credit: Annotated[float | None, typer.Option(min=0, help="What one credit costs you, in dollars.")] = None,
) -> None:
    """Store or replace a key. Piped in, it is one line per field, or one JSON object."""
    kind, fields = _find(name)
    values = _typed(fields) if sys.stdin.isatty() else _piped(sys.stdin.read(), fields)
    act(ctx, lambda acting: _set(acting, kind, name, values, base_url, usd_per_credit))


@app.command("remove")
def remove_key(ctx: typer.Context, name: Name) -> None:
    """Forget a key for good."""
    kind, _ = _find(name)
    act(ctx, lambda acting: _remove(acting, kind, name))


async def _list(acting: Acting) -> None:
    async with acting.read() as tx:
        stored = await credentials.list_credentials(tx)
    acting.terminal.show(
        {
            "data": [
                {"kind": each.kind, "name": each.name, "last_four": each.last_four, "fingerprint": each.fingerprint,
                 "base_url": each.base_url, "usd_per_credit": each.usd_per_credit, "updated_at": each.updated_at}
                for each in stored
            ]
        }
    )  # fmt: skip
    acting.terminal.table(
        ("Key of", "Kind", "Ends in", "Address", "Since"),
        [
            (each.name, each.kind, each.last_four, each.base_url, each.updated_at.strftime("%Y-%m-%d"))
            for each in stored
        ],
    )


async def _set(
    acting: Acting, kind: CredentialKind, name: str, values: dict[str, str], base_url: str | None,
    usd_per_credit: float | None,
) -> None:  # fmt: skip
    async with acting.transaction() as tx:
        stored = await credentials.put_credential(
            tx, acting.app.box, kind, name, values, base_url=base_url, usd_per_credit=usd_per_credit
        )
    acting.terminal.show({"kind": kind, "name": name, "last_four": stored.last_four, "fingerprint": stored.fingerprint})
    acting.terminal.say(f"The key of {name} is stored{f'; it ends in {stored.last_four}' if stored.last_four else ''}.")


async def _remove(acting: Acting, kind: CredentialKind, name: str) -> None:
    async with acting.transaction() as tx:
        await credentials.remove_credential(tx, kind, name)
    acting.terminal.show({"removed": name})
    acting.terminal.say(f"The key of {name} is forgotten.")


def _find(name: str) -> tuple[CredentialKind, Sequence[KeyField]]:
    providers = catalog.load(Provider, "provider")
    llms = catalog.load(Llm, "llm")
    if name in providers:
        return "provider", providers[name].key_fields
    if name in llms:
        return "llm", llms[name].key_fields
    known = sorted(key for key, each in {**providers, **llms}.items() if each.key_fields)
    raise UnknownReference(f"There is no data vendor or language model {name!r}. Keys go with: {', '.join(known)}.")


def _typed(fields: Sequence[KeyField]) -> dict[str, str]:
    return {each.name: str(typer.prompt(each.label, hide_input=each.is_secret, err=True)).strip() for each in fields}


def _piped(text: str, fields: Sequence[KeyField]) -> dict[str, str]:
    if text.lstrip().startswith("{"):
        try:
            return {str(key): str(value) for key, value in json.loads(text).items()}
        except json.JSONDecodeError as error:
            raise InvalidInput(f"What was piped in is no JSON object: {error}. Send one line per field.") from error
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) != len(fields):
        asked = ", ".join(each.label for each in fields) or "nothing"
        raise InvalidInput(f"{len(lines)} lines were piped in, and this asks for: {asked}. Send one line for each.")
    return {each.name: line for each, line in zip(fields, lines, strict=True)}
