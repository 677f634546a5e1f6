"""What steps have found, written in the transaction that records their end, and read for the steps after them."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from spadework.clients import actions as clients
from spadework.core import clock
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import InvalidInput
from spadework.core.ids import RunId, new_id
from spadework.plug import reading
from spadework.plug.questions import WebPage
from spadework.plug.step import Ask, Output, Step
from spadework.research.rules import clients as client_rules
from spadework.research.rules import (
    contacts,
    extraction,
    merging,
    packs,
    patches,
    routing,
    scoring,
    sections,
    states,
)
from spadework.research.store import claims as claim_store
from spadework.research.store import clients as client_store
from spadework.research.store import contacts as contact_store
from spadework.research.store import dossiers as dossier_store
from spadework.research.store import merged as merged_store
from spadework.research.store import packs as pack_store
from spadework.research.store import pipeline as pipeline_store
from spadework.research.store import sources as source_store
from spadework.research.types.claims import Claim, MergedClaim, ResolvedObject, Source
from spadework.research.types.dossiers import Contact, Dossier
from spadework.runs.types import Run

Effect = Callable[[Transaction, UUID, Any], Awaitable[None]]
"""Given the transaction, the step run's id and its answer."""
_OF_DOSSIER = ("lead", "score", "media", "section", "people")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwanted:
    """Whom a run leaves out of its people: titles, and companies, domains, names or addresses."""

    titles: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, client: Mapping[str, Any]) -> "Unwanted":
        """What a client's configurations say, as a run fixed them when it began."""
        titles = reading.mapping(client.get("icp_config")).get("excluded_titles")
        return cls(titles=extraction.texts(titles), names=extraction.texts(client.get("excluded_domains")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a run's sections rest on; it stays as it is from the merge to the run's end."""

    merged: Sequence[MergedClaim]
    resolved: Sequence[ResolvedObject]


class Anything(Output):
    """An answer of whatever form its prompt asks for."""


class Claims(Output):
    """A list of claims; each is judged by itself later."""

    claims: list[Any]


# --- begin and end -------------------------------------------------------------------------------


async def begin(tx: Transaction, run: Run) -> None:
    """The skeleton of the run's dossier; safe to call twice."""
    assert run.client_id is not None
    await dossier_store.add(
        tx, new_id(), client_id=run.client_id, run_id=run.id, is_simulated=run.is_simulated,
        release_after_hours=float(run.input.get("release_after_hours") or 0),
    )  # fmt: skip


async def finish(tx: Transaction, run: Run, *, is_partial: bool) -> dict[str, Any]:
    """The dossier is ready, and older ones of the same company are superseded; what the run gave, in numbers.

    A run that repeats a part of another has no dossier of its own to make ready.
    """
    numbers: dict[str, Any] = dict(await pipeline_store.counts(tx, run.id))
    dossier = await dossier_store.find_by_run(tx, run.id)
    if dossier is None or is_partial:
        return numbers
    if dossier.state in ("skeleton", "enriching"):
        now = clock.now()
        await dossier_store.update(
            tx, dossier.id,
            {"state": "ready", "ready_at": now, "release_at": states.release_moment(now, dossier.release_after_hours)},
        )  # fmt: skip
        await dossier_store.supersede(tx, dossier)
    return {**numbers, "dossier_id": str(dossier.id)}


# --- what a step gave ----------------------------------------------------------------------------


async def keep(
    tx: Transaction, run: Run, step_run_id: UUID, ask: Ask, output: Mapping[str, Any], *, contact_index: int | None,
    unwanted: Unwanted | None = None, ground: Ground | None = None,
) -> None:  # fmt: skip
    """Write what an answer means for the dossier; safe to repeat. Without `ground`, a section's is read.

    Raises:
        InvalidInput: the answer is about somebody else than it was asked about, or about whom the client wants
        left alone.
    """
    # Most questions change nothing of the dossier, and each statement holds up the step that waits for this end.
    dossier = await dossier_store.find_by_run(tx, run.id) if ask.effect in _OF_DOSSIER else None
    match ask.effect:
        case "lead" if dossier is not None:
            await _keep_lead(tx, run, dossier, output)
        case "score" if dossier is not None:
            await dossier_store.update(tx, dossier.id, {"score": scoring.read(output, weights=await _weights(tx, run))})
        case "media" if dossier is not None:
            await dossier_store.update(tx, dossier.id, {"media": dict(output)})
        case "merge":
            await _keep_merge(tx, run, output)
        case "routing":
            await _keep_routing(tx, run, output)
        case "section" if dossier is not None:
            key = str((ask.given or {})["section_key"])
            await _keep_section(tx, dossier, step_run_id, key, output, ground or await read_ground(tx, run.id))
        case "people":
            await _keep_people(tx, run, dossier, output, unwanted or Unwanted())
        case "person" | "copy" | "client_copy":
            assert contact_index is not None
            await _keep_person(tx, run, contact_index, ask.effect, output)


async def keep_claims(
    tx: Transaction, run: Run, step_run_id: UUID, step: Step, output: Any, *, read: Sequence[str]
) -> None:
    """The claims of an extraction, each with its quote looked for in the run's sources; what is none is listed.

    `read` are the addresses that this step was shown, which are looked in before all others.
    """
    first = 1 + await claim_store.count_with_prefix(
        tx, run.id, extraction.prefix_of(step.key), besides_step=step.id
    )  # fmt: skip
    # Not by time of reading: a step that is taken again must find each quote where it was found before.
    sources = sorted(
        await source_store.list_of_run(tx, run.id),
        key=lambda each: (read.index(each.url) if each.url in read else len(read), each.url),
    )
    found = extraction.read(output, step=step.id, sources=sources, first=first)
    await claim_store.replace_of_step(
        tx,
        run.id,
        step.id,
        found.claims,
        client_id=run.client_id,
        step_run_id=step_run_id,
        is_simulated=run.is_simulated,
    )
    await claim_store.replace_rejected(
        tx, run.id, "claim", [(each.position, each.reason, each.given, ()) for each in found.rejected],
        step_run_id=step_run_id,
    )  # fmt: skip


async def keep_pack(tx: Transaction, run: Run, step_run_id: UUID, consumer: str, output: Any) -> None:
    """The context pack for its consumer, resting only on claims that exist."""
    if consumer == "for_writers":
        known = {each.claim.merged_claim_id for each in await merged_store.list_of_run(tx, run.id)}
    else:
        known = {each.claim_id for each in await claim_store.list_of_run(tx, run.id)}
    pack, problems = packs.read(consumer, output, claim_ids=known)
    await pack_store.replace(tx, run.id, pack, client_id=run.client_id, step_run_id=step_run_id)
    await claim_store.replace_rejected(
        tx, run.id, "anchor", [(number, each, None, ()) for number, each in enumerate(problems, 1)],
        step_run_id=step_run_id,
    )  # fmt: skip


async def keep_sources(tx: Transaction, read: Sequence[Source]) -> None:
    """Pages that were read; the same words at the same address are kept once."""
    if read:
        await source_store.add_all(tx, read)


async def keep_failure(tx: Transaction, run: Run, index: int, why: str) -> None:
    """Write on a contact why it could not be enriched."""
    if found := await contact_store.find_at(tx, run.id, index):
        await contact_store.put(tx, run.id, found.dossier_id, replace(found.contact, error=why))


async def carry_over(tx: Transaction, run_id: UUID, base_id: UUID, kept: Sequence[Step]) -> dict[str, Any]:
    """Give a run that repeats a part of another what the rest of that one found; safe to call twice."""
    await source_store.copy_run(tx, base_id, run_id)
    steps = [each.id for each in kept]
    makes = {ask.effect for each in kept for ask in each.asks}
    await pipeline_store.copy_claims(tx, base_id, run_id, steps)
    if "merge" in makes:
        await pipeline_store.copy_merge(tx, base_id, run_id)
    if "routing" in makes and "merge" in makes:
        await pipeline_store.copy_routing(tx, base_id, run_id)
    if "people" in makes:
        await pipeline_store.copy_contacts(tx, base_id, run_id)
    return {"from": str(base_id), "steps": steps}


# --- what steps after it may read ----------------------------------------------------------------


async def facts(tx: ReadOnly, run_id: UUID, steps: Collection[str], *, is_merged: bool = True) -> dict[str, Any]:
    """What the given steps of a run have found, as prompts get it; merged claims only once they are merged.

    Only those steps' claims: what steps beside each other find must not depend on which ends first. Not
    `is_merged` leaves merged claims out: a step before the merge that is taken again must not see what came after.
    """
    claims = [each for each in await _claims(tx, run_id) if each.source_step in steps]
    found: dict[str, Any] = {"all_claims": [_shown_claim(each) for each in claims]}
    merged = [each.claim for each in await merged_store.list_of_run(tx, run_id)] if is_merged else []
    if merged:
        resolved = [_shown_object(each) for each in await merged_store.list_resolved(tx, run_id)]
        found |= {
            "merged_claims": [_shown_merged(each) for each in merged if each.is_usable],
            "resolved_objects": resolved,
            "resolved_contacts": [each for each in resolved if each["kind"] == "CONTACT"],
        }  # fmt: skip
    return found


async def read_ground(tx: ReadOnly, run_id: UUID) -> Ground:
    """What a run's sections rest on, once it has merged."""
    merged = [each.claim for each in await merged_store.list_of_run(tx, run_id)]
    return Ground(merged=merged, resolved=await merged_store.list_resolved(tx, run_id))


async def section_facts(
    tx: ReadOnly, run_id: UUID, sections: Collection[str], ground: Ground
) -> dict[str, dict[str, Any]]:
    """What each section is written from: the merged claims routed to it, the score, and what it will lack."""
    merged = {each.merged_claim_id: each for each in ground.merged}
    routed = await merged_store.list_assignments(tx, run_id)
    notes = {row["section_key"]: row["coverage_notes"] for row in await merged_store.list_routes(tx, run_id)}
    dossier = await dossier_store.find_by_run(tx, run_id)
    scored: dict[str, Any] = {}
    if dossier is not None and dossier.score is not None:
        scored = {"lead_score": asdict(dossier.score), "timing_urgency": dossier.score.urgency}
    return {
        section: {
            "routed_claims": [
                _shown_merged(merged[row["merged_claim_id"]]) for row in routed
                if row["section_key"] == section and row["merged_claim_id"] in merged
            ],
            "coverage_notes": notes.get(section, ""), **scored,
        }
        for section in sections
    }  # fmt: skip


async def list_pages(tx: ReadOnly, run_id: UUID, source_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Sources by id as prompts get pages, in the order asked for."""
    found = await find_sources(tx, run_id, source_ids)
    return shown_pages(found[each] for each in source_ids if each in found)


def shown_pages(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Sources as prompts get pages."""
    return [
        {"url": each.url, "title": each.name, "date": each.published_on.isoformat() if each.published_on else None,
         "text": each.text}
        for each in sources
    ]  # fmt: skip


async def find_sources(tx: ReadOnly, run_id: UUID, source_ids: Sequence[UUID]) -> dict[UUID, Source]:
    """Those sources of a run that it has, by id."""
    return {each.id: each for each in await source_store.list_of_run(tx, run_id, ids=source_ids)}


async def client_configs(tx: ReadOnly, client_id: UUID) -> dict[str, Any]:
    """A client's configurations in the form the pipeline reads, and whom to leave alone."""
    configs = (await client_store.list_configs(tx, [client_id])).get(client_id, {})
    excluded = await _left_alone(tx, client_id)
    found: dict[str, Any] = {kind: dict(each.current) for kind, each in configs.items() if kind != "seed"}
    return found | ({"excluded_domains": excluded} if excluded else {})


async def list_statements(tx: ReadOnly, run_id: UUID) -> list[str]:
    """What the claims of a run state."""
    return [each.statement for each in await claim_store.list_of_run(tx, run_id)]


def list_people(output: Mapping[str, Any], unwanted: Unwanted) -> list[tuple[int, dict[str, Any]]]:
    """The people a list holds, each once, with the index they are stored under (from 1) and all that was said of them."""
    kept, _ = contacts.read_list(output, excluded_titles=unwanted.titles, excluded=unwanted.names)
    entries = reading.mappings(output.get("contacts"))
    people = []
    for number, contact in enumerate(kept, 1):
        people.append((number, {**entries[contact.index], "contact_index": number, "name": contact.name}))
    return people


def to_source(page: WebPage, run_id: RunId, *, is_simulated: bool) -> Source:
    """A page that was read, as a source of the run; the same page gets the same id every time."""
    published = extraction.read_date(page.published) if page.published else None
    return Source(
        id=uuid5(run_id, f"{page.final_url} {page.sha256}"), run_id=run_id, url=page.final_url,
        name=page.title or page.final_url, text=page.text, published_on=published,
        fetched_at=datetime.fromisoformat(page.fetched_at), is_simulated=is_simulated,
    )  # fmt: skip


# --- one kind each -------------------------------------------------------------------------------


async def _keep_lead(tx: Transaction, run: Run, dossier: Dossier, output: Mapping[str, Any]) -> None:
    company, signal = reading.mapping(output.get("company")), output.get("primary_signal")
    said = reading.mapping(signal)
    changes: dict[str, Any] = {
        "company_name": reading.text(company.get("name")), "domain": reading.text(company.get("domain")),
        "primary_signal": reading.text_at(said, "headline", "description") if said else reading.text(signal),
    }  # fmt: skip
    assert run.client_id is not None
    if client_rules.is_excluded(
        await _left_alone(tx, run.client_id), company=changes["company_name"], domain=changes["domain"]
    ):
        raise InvalidInput(
            f"The company that was chosen, {(changes['company_name'] or changes['domain'])[:80]!r}, is on the client's "
            "list of those to leave alone. Nothing of it was kept. Retry the run to have another one looked for."
        )
    if dossier.state == "skeleton":
        changes["state"] = "enriching"
    await dossier_store.update(tx, dossier.id, changes)


async def _weights(tx: ReadOnly, run: Run) -> Mapping[str, Any] | None:
    assert run.client_id is not None
    config = (await client_configs(tx, run.client_id)).get("icp_config") or {}
    weights = config.get("scoring_weights")
    return weights if isinstance(weights, Mapping) else None


async def _keep_merge(tx: Transaction, run: Run, output: Mapping[str, Any]) -> None:
    claims = await _claims(tx, run.id)
    found, unread = patches.read(output)
    merge = merging.merge(claims, found, on=_day(run), unread=unread)
    await merged_store.replace(tx, run.id, merge, client_id=run.client_id)
    await claim_store.set_merged(tx, run.id, merge.placed)
    await claim_store.replace_rejected(
        tx, run.id, "patch", [(each.position, each.reason, each.given, each.unknown_ids) for each in merge.rejected]
    )  # fmt: skip


async def _keep_routing(tx: Transaction, run: Run, output: Mapping[str, Any]) -> None:
    merged = [each.claim for each in await merged_store.list_of_run(tx, run.id)]
    resolved = await merged_store.list_resolved(tx, run.id)
    placed = {each.claim_id: each.merged_into for each in await claim_store.list_of_run(tx, run.id) if each.merged_into}
    found = routing.route(output, merged, resolved, placed)
    await merged_store.replace_routing(tx, run.id, found)
    await claim_store.replace_rejected(
        tx, run.id, "route",
        [(number, "The plan names an id that is none of the run's.", each, (each,))
         for number, each in enumerate(found.rejected_ids, 1)],
    )  # fmt: skip


async def _keep_section(
    tx: Transaction, dossier: Dossier, step_run_id: UUID, key: str, output: Mapping[str, Any], ground: Ground
) -> None:
    client = await clients.get(tx, dossier.client_id)
    known = [each for each in (client.name, dossier.company_name) if each]
    found = routing.read_section(key)
    assert found is not None
    try:
        section = sections.write(
            found, output, ground.merged, score=dossier.score, resolved=ground.resolved, known=known
        )
    except ValueError as error:
        raise InvalidInput(f"{error} Correct the writer's prompt, then retry the run.") from error
    await dossier_store.put_section(tx, dossier.id, dossier.run_id, section, step_run_id=step_run_id)


async def _keep_people(
    tx: Transaction, run: Run, dossier: Dossier | None, output: Mapping[str, Any], unwanted: Unwanted
) -> None:
    found, _ = contacts.read_list(output, excluded_titles=unwanted.titles, excluded=unwanted.names)
    people = [replace(each, index=number) for number, each in enumerate(found, 1)]
    await contact_store.replace_of_run(tx, run.id, dossier.id if dossier else None, people)


async def _keep_person(tx: Transaction, run: Run, index: int, effect: str, output: Mapping[str, Any]) -> None:
    found = await contact_store.lock_at(tx, run.id, index)
    if found is None:
        return
    contact: Contact = found.contact
    if effect == "person":
        try:
            contact = contacts.with_answer(contact, output)
        except ValueError as error:
            raise InvalidInput(f"{error} Nothing of it was kept; retry the run.") from error
    else:
        contact = replace(contacts.with_copy(contact, output, is_override=effect == "client_copy"), error=None)
    await _put_person(tx, run, found.dossier_id, contact)


async def keep_address(tx: Transaction, run: Run, index: int, found: Mapping[str, Any]) -> None:
    """The contact at that index with the address that was found for the person of that name; safe to repeat.

    Raises:
        InvalidInput: the client wants the person left alone.
    """
    at = await contact_store.lock_at(tx, run.id, index)
    if at is not None:
        await _put_person(tx, run, at.dossier_id, contacts.with_address(at.contact, found))


async def _put_person(tx: Transaction, run: Run, dossier_id: UUID | None, contact: Contact) -> None:
    assert run.client_id is not None
    if contacts.is_excluded(contact, await _left_alone(tx, run.client_id)):
        raise InvalidInput(
            f"{contact.name[:80]} is on the client's list of those to leave alone, so nothing more of them was kept."
        )
    await contact_store.put(tx, run.id, dossier_id, contact)


async def _left_alone(tx: ReadOnly, client_id: UUID) -> list[str]:
    known = await client_store.find(tx, client_id)
    return sorted({*known["excluded"], *known["do_not_call"]}) if known else []


async def _claims(tx: ReadOnly, run_id: UUID) -> list[Claim]:
    """A run's claims, step by step: steps beside each other end in any order, and what follows must not depend on it."""
    return sorted(await claim_store.list_of_run(tx, run_id), key=lambda each: (each.source_step, each.claim_id))


def _day(run: Run) -> date:
    return run.created_at.date()


def _shown_claim(claim: Claim) -> dict[str, Any]:
    return {
        "claim_id": claim.claim_id, "type": claim.type, "statement": claim.statement, "entities": list(claim.entities),
        "date": claim.date_in_claim.isoformat() if claim.date_in_claim else None, "source_url": claim.source_url,
        "source_name": claim.source_name, "tier": claim.source_tier, "confidence": claim.confidence,
        "source_step": claim.source_step, "is_supported": claim.is_supported,
    }  # fmt: skip


def _shown_merged(claim: MergedClaim) -> dict[str, Any]:
    return {
        "claim_id": claim.merged_claim_id, "type": claim.type, "statement": claim.statement,
        "entities": list(claim.entities), "date": claim.date_in_claim.isoformat() if claim.date_in_claim else None,
        "confidence": claim.confidence, "notes": list(claim.notes), "conflicts_with": list(claim.conflicts_with),
        "sources": [{"url": each.url, "name": each.name, "tier": each.tier} for each in claim.sources],
    }  # fmt: skip


def _shown_object(found: ResolvedObject) -> dict[str, Any]:
    return {
        "object_id": found.object_id, "kind": found.kind, "label": found.label, "resolution": found.resolution,
        "claim_ids": list(found.evidence_claim_ids), "preferred_claim_id": found.preferred_claim_id,
        "timeline": [{"claim_id": each.merged_claim_id, "statement": each.statement, "status": each.status,
                      "on": each.on.isoformat() if each.on else None} for each in found.timeline],
    }  # fmt: skip
