"""Clients as research knows them: configurations with their versions, whom to leave alone, and onboarding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from spadework.clients import actions as clients
from spadework.clients.types import Client
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, InvalidInput, NotFound
from spadework.core.ids import UserId
from spadework.research.rules import clients as rules
from spadework.research.store import clients as store
from spadework.research.types.clients import ClientConfig, ConfigKind, Onboarding, OnboardingState, ResearchClient

_STAGES = ("intake", "consolidated", "configured", "refined")
_MOST_MATERIALS = 100


@dataclass(frozen=True, slots=True)
class ResearchClientPage:
    """Clients and where the next page begins; None on the last."""

    clients: list[ResearchClient]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanges:
    """What to change of a client; None leaves it. `configs` are by kind; each becomes a new version.

    `expected_versions` refuses the change when somebody saved a newer version of a kind meanwhile.
    """

    name: str | None = None
    domain: str | None = None
    configs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    excluded: Sequence[str] | None = None
    do_not_call: Sequence[str] | None = None
    state: OnboardingState | None = None
    expected_versions: Mapping[str, int] = field(default_factory=dict)


async def create(tx: Transaction, name: str, changes: ClientChanges, *, by: UserId | None) -> ResearchClient:
    """A new client with its configurations; active at once when it has an ICP, an industry and a context.

    Raises:
        InvalidInput: a part cannot be used. Conflict: another client has the name.
    """
    made = await clients.create(tx, name, domain=changes.domain)
    await store.ensure(tx, made.id)
    await _write(tx, made.id, changes, by=by)
    return await get(tx, made.id)


async def get(tx: ReadOnly, client_id: UUID) -> ResearchClient:
    """The client with its newest configurations; NotFound when the account has none of that id."""
    client = await clients.get(tx, client_id)
    return (await _with_configs(tx, [client]))[0]


async def list_clients(tx: ReadOnly, *, limit: int = 100, cursor: str | None = None) -> ResearchClientPage:
    """Clients that are not archived, oldest first, each with its configurations."""
    page = await clients.list_clients(tx, limit=limit, cursor=cursor)
    return ResearchClientPage(await _with_configs(tx, page.clients), page.next_cursor)


async def update(tx: Transaction, client_id: UUID, changes: ClientChanges, *, by: UserId | None) -> ResearchClient:
    """The client with what was given changed.

    Raises:
        NotFound, InvalidInput: as above. Conflict: archived, the name is taken, or somebody saved the same
            configuration meanwhile; read it again and save once more.
    """
    client = await clients.get(tx, client_id)
    if client.archived_at is not None:
        raise Conflict(f"The client {client.name!r} is archived. Choose another.")
    given = {name: value for name, value in (("name", changes.name), ("domain", changes.domain)) if value is not None}
    if given:
        await clients.update(tx, client_id, **given)
    await store.ensure(tx, client_id)
    await _write(tx, client_id, changes, by=by)
    return await get(tx, client_id)


async def list_config_versions(tx: ReadOnly, client_id: UUID, kind: str) -> list[ClientConfig]:
    """Every version of a configuration, newest first; NotFound, InvalidInput as above."""
    await clients.get(tx, client_id)
    return await store.list_versions(tx, client_id, rules.require_kind(kind))


async def refine(
    tx: Transaction, client_id: UUID, kind: str, refined: Mapping[str, Any], *, by: UserId | None
) -> ClientConfig:
    """The configuration with a shorter form for the pipeline; the original stays beside it.

    Raises:
        NotFound: no such client, or nothing to refine. InvalidInput: the form cannot be used.
    """
    client = await get(tx, client_id)
    wanted = rules.require_kind(kind)
    current = client.configs.get(wanted)
    if current is None:
        raise NotFound(f"The client has no {kind} yet. Write one before refining it.")
    made = ClientConfig(
        kind=wanted, original=current.original, refined=rules.require_config(wanted, refined),
        version=current.version + 1,
    )  # fmt: skip
    await _add_config(tx, client_id, made, by=by)
    return (await get(tx, client_id)).configs[wanted]


async def start_onboarding(
    tx: Transaction,
    client_id: UUID,
    *,
    intake: Mapping[str, Any],
    materials: Sequence[Mapping[str, Any]] = (),
    by: UserId | None,
) -> Onboarding:
    """A new intake of the client: its answers and materials as they were handed in.

    `intake["do_not_call"]`, a list of companies or domains, counts from now on.

    Raises:
        NotFound: no such client. InvalidInput: the intake is empty, or there are too many materials.
    """
    client = await clients.get(tx, client_id)
    if client.archived_at is not None:
        raise Conflict(f"The client {client.name!r} is archived. Choose another.")
    if not intake:
        raise InvalidInput("The intake is empty. Answer at least one question.")
    if len(materials) > _MOST_MATERIALS:
        raise InvalidInput(f"An intake takes at most {_MOST_MATERIALS} materials. Leave some out.")
    await store.ensure(tx, client_id)
    listed = intake.get("do_not_call")
    if isinstance(listed, list):
        known = (await get(tx, client_id)).do_not_call
        names = rules.require_names([*known, *(str(each) for each in listed)], "do_not_call")
        await store.update(tx, client_id, do_not_call=names)
    made = await store.add_onboarding(tx, client_id, intake=intake, materials=materials, by=by)
    return await get_onboarding(tx, made)


async def get_onboarding(tx: ReadOnly, onboarding_id: UUID) -> Onboarding:
    """The intake of that id; NotFound when the account has none."""
    found = await store.find_onboarding(tx, onboarding_id)
    if found is None:
        raise NotFound("There is no such onboarding in this account.")
    return found


async def list_onboardings(tx: ReadOnly, client_id: UUID) -> list[Onboarding]:
    """A client's intakes, newest first; NotFound without such a client."""
    await clients.get(tx, client_id)
    return await store.list_onboardings(tx, client_id)


async def advance_onboarding(
    tx: Transaction,
    onboarding_id: UUID,
    *,
    consolidated: Mapping[str, Any] | None = None,
    generated: Mapping[str, Mapping[str, Any]] | None = None,
    refined: Mapping[str, Mapping[str, Any]] | None = None,
    by: UserId | None,
) -> Onboarding:
    """The intake one stage on: consolidated, then configurations generated, then refined; nothing is overwritten.

    Generated configurations become the client's, refined forms are put beside them, and with the last stage
    the client is active. A stage that was reached before is left as it is when the same is given again.

    Raises:
        NotFound: no such onboarding. Conflict: a stage before this one is missing, or this one was given differently.
        InvalidInput: nothing was given, or a configuration cannot be used.
    """
    onboarding = await get_onboarding(tx, onboarding_id)
    if consolidated is None and generated is None and refined is None:
        raise InvalidInput("Nothing was given. Give one of: consolidated, generated, refined.")
    for stage, value in (("consolidated", consolidated), ("configured", generated), ("refined", refined)):
        if value is not None:
            onboarding = await _advance(tx, onboarding, stage, value, by=by)
    return onboarding


async def _advance(
    tx: Transaction, onboarding: Onboarding, stage: str, value: Mapping[str, Any], *, by: UserId | None
) -> Onboarding:
    column = "generated" if stage == "configured" else stage
    place = _STAGES.index(stage)
    reached = _STAGES.index(onboarding.state)
    if reached >= place:
        if dict(getattr(onboarding, column) or {}) != dict(value):
            raise Conflict(f"The onboarding is {onboarding.state} already. Start a new intake to change it.")
        return onboarding
    if reached < place - 1:
        raise Conflict(f"The onboarding is {onboarding.state}; before {stage} comes {_STAGES[place - 1]}.")
    if stage == "configured":
        await _write(tx, onboarding.client_id, ClientChanges(configs=value), by=by)
    if stage == "refined":
        for kind, form in value.items():
            await refine(tx, onboarding.client_id, kind, form, by=by)
        await store.update(tx, onboarding.client_id, state="active")
    await store.update_onboarding(tx, onboarding.id, {column: dict(value), "state": stage})
    return await get_onboarding(tx, onboarding.id)


async def _write(tx: Transaction, client_id: UUID, changes: ClientChanges, *, by: UserId | None) -> None:
    current = (await store.list_configs(tx, [client_id])).get(client_id, {})
    for name, value in changes.configs.items():
        kind = rules.require_kind(name)
        known = current.get(kind)
        expected = changes.expected_versions.get(name)
        if expected is not None and expected != (known.version if known else 0):
            raise _saved_meanwhile(name)
        original = rules.require_config(kind, value)
        if known is not None and known.original == original and known.refined is None:
            continue
        made = ClientConfig(kind=kind, original=original, version=(known.version if known else 0) + 1)
        await _add_config(tx, client_id, made, by=by)
        current[kind] = made
    state = changes.state
    if state is None and {"icp_config", "industry_research", "research_context"} <= set(current):
        state = "active"
    await store.update(
        tx,
        client_id,
        state=state,
        excluded=None if changes.excluded is None else rules.require_names(changes.excluded, "excluded"),
        do_not_call=None if changes.do_not_call is None else rules.require_names(changes.do_not_call, "do_not_call"),
    )


async def _add_config(tx: Transaction, client_id: UUID, config: ClientConfig, *, by: UserId | None) -> None:
    if not await store.add_config(tx, client_id, config, by=by):
        raise _saved_meanwhile(config.kind)


async def _with_configs(tx: ReadOnly, found: Sequence[Client]) -> list[ResearchClient]:
    ids = [each.id for each in found]
    configs: Mapping[UUID, Mapping[ConfigKind, ClientConfig]] = await store.list_configs(tx, ids)
    known = await store.list_states(tx, ids)
    return [
        ResearchClient(
            client_id=each.id, name=each.name, domain=each.domain,
            state=known[each.id]["state"] if each.id in known else "onboarding", configs=configs.get(each.id, {}),
            excluded=tuple(known[each.id]["excluded"]) if each.id in known else (),
            do_not_call=tuple(known[each.id]["do_not_call"]) if each.id in known else (),
            created_at=each.created_at, archived_at=each.archived_at,
        )
        for each in found
    ]  # fmt: skip


def _saved_meanwhile(kind: str) -> Conflict:
    return Conflict(f"Somebody saved a newer {kind} meanwhile. Read it again, then save your change once more.")
