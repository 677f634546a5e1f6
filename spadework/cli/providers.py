"""`providers`: what there is to ask, and what it costs."""

from dataclasses import asdict

import typer

from spadework.cli.acting import Acting, act
from spadework.core import money
from spadework.toolbox import catalogue
from spadework.toolbox.catalogue import CapabilityEntry

app = typer.Typer(add_completion=False)


@app.command("providers")
def show_catalogue(ctx: typer.Context) -> None:
    """Data sources with what they answer and cost, column kinds, and language models."""
    act(ctx, _show)


async def _show(acting: Acting) -> None:
    async with acting.read() as tx:
        found = await catalogue.load(tx)
    acting.terminal.show(asdict(found))
    acting.terminal.table(
        ("Source", "Answers", "Costs at most", "Class", "Key"),
        [
            (provider.label, each.label, _price(each), each.call_class, _key(provider.is_local, provider.has_key))
            for provider in found.providers
            for each in provider.capabilities
        ],
        right=(2,),
    )
    acting.terminal.table(
        ("Language model", "Models", "Key"),
        [
            (each.label, ", ".join(model.id for model in each.models), _key(not each.key_fields, each.has_key))
            for each in found.llms
        ],
    )
    acting.terminal.table(("Column", "What it does"), [(each.label, each.summary) for each in found.columns])


def _price(capability: CapabilityEntry) -> str:
    if not capability.price_micro_usd:
        return "free"
    return f"{money.show(capability.price_micro_usd)}{', also for a miss' if capability.is_miss_charged else ''}"


def _key(is_needless: bool, has_key: bool) -> str:
    return "needs none" if is_needless else "stored" if has_key else "none stored"
