"""What a client must say before a real run can be made for it: the configurations that the prompts in use need."""

from collections.abc import Collection, Mapping
from uuid import UUID

from spadework.clients import actions as clients
from spadework.core.db import ReadOnly
from spadework.core.errors import NotFound
from spadework.plug import catalog, reading
from spadework.plug.step import Step
from spadework.prompts.actions import files, resolving
from spadework.prompts.types import PromptInput
from spadework.research.actions import results
from spadework.research.types.clients import CONFIG_KINDS
from spadework.research.types.pipeline import Missing


async def list_unsaid(tx: ReadOnly, client_id: UUID, *, seed: Collection[str] = ()) -> list[Missing]:
    """Configurations that some step cannot do without, and that neither the client nor the seed, by its names, has.

    Raises:
        NotFound: no such client.
    """
    client = await clients.get(tx, client_id)
    configs = await results.client_configs(tx, client_id)
    needed = await _needed(tx)
    return [
        Missing(
            what=kind,
            message=f"The client {client.name!r} has no {kind}, which the steps cannot do without. Write it under"
            " Clients, or have an onboarding make it.",
        )
        for kind in CONFIG_KINDS
        if kind in needed and kind not in seed and reading.is_blank(configs.get(kind))
    ]


async def _needed(tx: ReadOnly) -> set[str]:
    """Every variable that a prompt in use requires."""
    inputs = await _inputs(tx, {ask.prompt for step in catalog.load(Step, "step").values() for ask in step.asks})
    return {each.name for of_one in inputs.values() for each in of_one if each.is_required}


async def _inputs(tx: ReadOnly, prompts: Collection[str]) -> Mapping[str, tuple[PromptInput, ...]]:
    try:
        found = await resolving.resolve_all(tx, prompts)
    except NotFound:
        # The library is loaded with the first run; until then its own texts say what will be needed.
        return {each.prompt.key: each.draft.inputs for each in files.shipped() if each.prompt.key in prompts}
    return {key: resolving.inputs_of(each) for key, each in found.items()}
