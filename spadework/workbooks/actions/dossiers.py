"""What a dossier column costs per row: the asks of all steps with the prompts of now."""

from collections.abc import Sequence
from dataclasses import replace

from spadework.accounts.actions import credentials
from spadework.core.db import ReadOnly
from spadework.core.errors import NotFound
from spadework.plug import catalog
from spadework.plug.column import Ask
from spadework.plug.llm import Llm
from spadework.plug.provider import Provider
from spadework.plug.step import EXTRACTION, PACKING, Step
from spadework.prompts.actions import files, resolving
from spadework.prompts.types import PromptConfig
from spadework.workbooks.rules import dossiers as rules
from spadework.workbooks.types import Market

_SEARCH = "search_web"


async def asks(tx: ReadOnly, *, is_training: bool) -> Sequence[Ask]:
    """What one dossier may ask if it were begun now."""
    steps = [each() for each in catalog.load(Step, "step").values()]
    keys = {ask.prompt for step in steps for ask in step.asks} | {EXTRACTION, PACKING}
    prompts = {key: await _config(tx, key) for key in keys}
    return rules.asks_of(steps, prompts, await _engine(tx, is_training=is_training))


def market_of(market: Market) -> Market:
    """The prices that hold for a dossier: in training it plays a recording, whatever model the client has."""
    if not market.is_training:
        return market
    return replace(market, llm=catalog.get(Llm, "llm", "scripted")())  # type: ignore[type-abstract]  # whole classes only


async def _config(tx: ReadOnly, key: str) -> PromptConfig:
    try:
        return (await resolving.resolve(tx, key)).config
    except NotFound:
        # The library is loaded with the first run; until then its own text says what will be asked.
        found = next((each.draft.config for each in files.shipped() if each.prompt.key == key), None)
        return found or PromptConfig()


async def _engine(tx: ReadOnly, *, is_training: bool) -> str | None:
    known = [key for key, each in catalog.load(Provider, "provider").items() if each.find_capability(_SEARCH)]
    stored = {each.name for each in await credentials.list_credentials(tx) if each.kind == "provider"}
    return next((key for key in known if is_training or key in stored), None)
