"""What lists and live pages of pipelines need of the tables `runs` and `step_runs`, without the large columns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Record, Transaction
from spadework.core.ids import RunId
from spadework.research.types.claims import PIPELINE_KIND
from spadework.research.types.pipeline import StepBrief, StepDifference

_BRIEF = (
    "select id, run_id, no, key, label, step, contact_index, state, model, prompt_key, prompt_version, input_tokens,"
    " output_tokens, cost_micro_usd, attempts, is_simulated, error, started_at, finished_at from step_runs"
    " where account_id = $1"
)


async def list_briefs(tx: ReadOnly, run_id: UUID) -> list[StepBrief]:
    rows = await tx.fetch(f"{_BRIEF} and run_id = $2 and step is not null order by no, created_at", tx.account, run_id)
    return [_brief(row) for row in rows]


async def count_states(tx: ReadOnly, run_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """How many of each run's step runs are in each state."""
    rows = await tx.fetch(
        "select run_id, state, count(*) as steps from step_runs where account_id = $1 and run_id = any($2)"
        " and step is not null group by run_id, state",
        tx.account, run_ids,
    )  # fmt: skip
    counts: dict[UUID, dict[str, int]] = {each: {} for each in run_ids}
    for row in rows:
        counts[row["run_id"]][row["state"]] = row["steps"]
    return counts


async def sums(tx: ReadOnly, run_id: UUID) -> Record | None:
    """Cost so far, and the step that began last of those under way."""
    return await tx.fetchrow(
        "select coalesce(sum(cost_micro_usd), 0)::bigint as cost_micro_usd,"
        " (array_agg(key order by no desc) filter (where state = 'running'))[1] as current_step"
        " from step_runs where account_id = $1 and run_id = $2 and step is not null",
        tx.account, run_id,
    )  # fmt: skip


async def found_so_far(tx: ReadOnly, run_id: UUID) -> Record | None:
    """The run's dossier, and how many claims and people it has."""
    return await tx.fetchrow(
        "select (select id from dossiers where account_id = $1 and run_id = $2) as dossier_id,"
        " (select count(*) from claims where account_id = $1 and run_id = $2) as claims,"
        " (select count(*) from contacts where account_id = $1 and run_id = $2) as contacts",
        tx.account, run_id,
    )  # fmt: skip


async def counts(tx: ReadOnly, run_id: UUID) -> Record:
    """How many claims a run has, how many of them stand on a quote that was found, and how many are left merged."""
    row = await tx.fetchrow(
        "select count(*) as claims, count(source_id) as supported_claims,"
        " (select count(*) from merged_claims where account_id = $1 and run_id = $2) as merged_claims"
        " from claims where account_id = $1 and run_id = $2",
        tx.account, run_id,
    )  # fmt: skip
    assert row is not None
    return row


async def find_step_run(tx: ReadOnly, step_run_id: UUID) -> tuple[UUID, str] | None:
    """The run and key of a step run."""
    row = await tx.fetchrow(
        "select run_id, key from step_runs where account_id = $1 and id = $2", tx.account, step_run_id
    )
    return (row["run_id"], row["key"]) if row else None


async def list_children(tx: ReadOnly, run_id: UUID) -> list[RunId]:
    """The runs that repeat a part of this one, oldest first."""
    rows = await tx.fetch(
        "select id from runs where account_id = $1 and parent_run_id = $2 and kind = $3 order by created_at",
        tx.account, run_id, PIPELINE_KIND,
    )  # fmt: skip
    return [RunId(row["id"]) for row in rows]


async def list_replays(tx: ReadOnly, replay_id: str) -> list[RunId]:
    rows = await tx.fetch(
        "select id from runs where account_id = $1 and kind = $2 and subject ->> 'replay_id' = $3 order by created_at",
        tx.account, PIPELINE_KIND, replay_id,
    )  # fmt: skip
    return [RunId(row["id"]) for row in rows]


async def list_differences(tx: ReadOnly, old_run: UUID, new_run: UUID) -> list[StepDifference]:
    """Each step run of the new run beside the old one of its key, compared here so that no output is read out."""
    rows = await tx.fetch(
        "select n.key, n.label, n.error, o.id as old_id, n.id as new_id,"
        " o.id is not null and o.parsed_output is not distinct from n.parsed_output as is_same,"
        " coalesce(o.cost_micro_usd, 0) as old_cost_micro_usd, n.cost_micro_usd as new_cost_micro_usd,"
        " coalesce(o.input_tokens, 0) + coalesce(o.output_tokens, 0) as old_tokens,"
        " coalesce(n.input_tokens, 0) + coalesce(n.output_tokens, 0) as new_tokens"
        " from step_runs n left join step_runs o on o.account_id = $1 and o.run_id = $2 and o.key = n.key"
        " where n.account_id = $1 and n.run_id = $3 and n.step is not null order by n.no, n.created_at",
        tx.account, old_run, new_run,
    )  # fmt: skip
    return [StepDifference(old_output=None, new_output=None, **dict(row)) for row in rows]


async def runs_with_prompt(tx: ReadOnly, prompt_key: str, *, client_id: UUID | None, limit: int) -> list[RunId]:
    """Complete runs that asked with this prompt, newest first; parts of others do not count."""
    rows = await tx.fetch(
        "select r.id from runs r where r.account_id = $1 and r.kind = $2 and r.state = 'succeeded'"
        " and r.input -> 'base' is null and ($4::uuid is null or r.client_id = $4)"
        " and exists (select from step_runs s where s.account_id = $1 and s.run_id = r.id and s.prompt_key = $3"
        "  and s.state = 'succeeded') order by r.created_at desc limit $5",
        tx.account, PIPELINE_KIND, prompt_key, client_id, limit,
    )  # fmt: skip
    return [RunId(row["id"]) for row in rows]


async def has_failed_steps(tx: ReadOnly, run_id: UUID) -> bool:
    return bool(
        await tx.fetchval(
            "select exists (select from step_runs where account_id = $1 and run_id = $2 and state in ('failed', 'stopped'))",
            tx.account, run_id,
        )
    )  # fmt: skip


async def live_version(tx: ReadOnly, run_id: UUID) -> datetime | None:
    """When a step of the run last began or ended."""
    found: Any = await tx.fetchval(
        "select max(greatest(started_at, finished_at)) from step_runs where account_id = $1 and run_id = $2",
        tx.account, run_id,
    )  # fmt: skip
    return found  # type: ignore[no-any-return]


async def copy_claims(tx: Transaction, from_run: UUID, to_run: UUID, steps: Sequence[str]) -> None:
    """Give a run the claims that these steps of another made, on the run's own copies of the sources."""
    await tx.execute(
        "insert into claims (account_id, id, run_id, client_id, step_run_id, claim_id, claim_type, statement, entities,"
        " date_in_claim, source_url, source_name, source_tier, confidence, source_step, quote, source_id, quote_start,"
        " quote_end, unsupported_because, defaulted, merged_into, is_simulated)"
        " select c.account_id, gen_random_uuid(), $3, c.client_id, c.step_run_id, c.claim_id, c.claim_type, c.statement,"
        " c.entities, c.date_in_claim, c.source_url, c.source_name, c.source_tier, c.confidence, c.source_step, c.quote,"
        " n.id, c.quote_start, c.quote_end, c.unsupported_because, c.defaulted, c.merged_into, c.is_simulated"
        " from claims c left join sources o on o.account_id = c.account_id and o.id = c.source_id"
        " left join sources n on n.account_id = o.account_id and n.run_id = $3 and n.url = o.url and n.sha256 = o.sha256"
        " where c.account_id = $1 and c.run_id = $2 and c.source_step = any($4) order by c.seq on conflict do nothing",
        tx.account, from_run, to_run, list(steps),
    )  # fmt: skip


async def copy_merge(tx: Transaction, from_run: UUID, to_run: UUID) -> None:
    """Give a run the merged claims, resolved objects and counts of another."""
    await tx.execute(
        "insert into merged_claims (account_id, id, run_id, client_id, merged_claim_id, claim_type, statement, entities,"
        " date_in_claim, original_claim_ids, sources, confidence, reconciliation_type, conflicts_with, supersedes, notes,"
        " invalid_because, is_supported) select account_id, gen_random_uuid(), $3, client_id, merged_claim_id, claim_type,"
        " statement, entities, date_in_claim, original_claim_ids, sources, confidence, reconciliation_type,"
        " conflicts_with, supersedes, notes, invalid_because, is_supported from merged_claims"
        " where account_id = $1 and run_id = $2 on conflict do nothing",
        tx.account, from_run, to_run,
    )  # fmt: skip
    await tx.execute(
        "insert into resolved_objects (account_id, run_id, object_id, kind, label, evidence_claim_ids, confidence,"
        " resolution, reason, preferred_claim_id, needs_review, timeline) select account_id, $3, object_id, kind, label,"
        " evidence_claim_ids, confidence, resolution, reason, preferred_claim_id, needs_review, timeline"
        " from resolved_objects where account_id = $1 and run_id = $2 on conflict do nothing",
        tx.account, from_run, to_run,
    )  # fmt: skip


async def copy_routing(tx: Transaction, from_run: UUID, to_run: UUID) -> None:
    """Give a run the routing of another, whose merged claims it has."""
    await tx.execute(
        "insert into section_routes (account_id, run_id, section_key, resolved_object_ids, coverage_notes)"
        " select account_id, $3, section_key, resolved_object_ids, coverage_notes from section_routes"
        " where account_id = $1 and run_id = $2 on conflict do nothing",
        tx.account, from_run, to_run,
    )  # fmt: skip
    await tx.execute(
        "insert into claim_assignments (account_id, run_id, section_key, merged_claim_id, is_default)"
        " select account_id, $3, section_key, merged_claim_id, is_default from claim_assignments"
        " where account_id = $1 and run_id = $2 on conflict do nothing",
        tx.account, from_run, to_run,
    )  # fmt: skip


async def copy_contacts(tx: Transaction, from_run: UUID, to_run: UUID) -> None:
    """Give a run the contacts of another; they belong to no dossier of its own."""
    await tx.execute(
        "insert into contacts (account_id, id, run_id, contact_index, first_name, last_name, email,"
        " email_source, email_status, phone, title,"
        " organization, linkedin_url, bio, tenure, why_they_matter, relation_to_signal, interesting_facts, email_copy,"
        " linkedin_copy, client_email_copy, client_linkedin_copy, is_primary, is_verified, confidence, source, problems)"
        " select account_id, gen_random_uuid(), $3, contact_index, first_name, last_name, email,"
        " email_source, email_status, phone, title,"
        " organization, linkedin_url, bio, tenure, why_they_matter, relation_to_signal, interesting_facts, email_copy,"
        " linkedin_copy, client_email_copy, client_linkedin_copy, is_primary, is_verified, confidence, source, problems"
        " from contacts where account_id = $1 and run_id = $2 on conflict do nothing",
        tx.account, from_run, to_run,
    )  # fmt: skip


def _brief(row: Record) -> StepBrief:
    started, finished = row["started_at"], row["finished_at"]
    return StepBrief(
        id=row["id"], run_id=RunId(row["run_id"]), no=row["no"], key=row["key"], label=row["label"], step=row["step"],
        contact_index=row["contact_index"], state=row["state"], model=row["model"], prompt_key=row["prompt_key"],
        prompt_version=row["prompt_version"], input_tokens=row["input_tokens"], output_tokens=row["output_tokens"],
        cost_micro_usd=row["cost_micro_usd"], attempts=row["attempts"], is_simulated=row["is_simulated"],
        error=row["error"], started_at=started, finished_at=finished,
        duration_ms=int((finished - started).total_seconds() * 1000) if started and finished else None,
    )  # fmt: skip
