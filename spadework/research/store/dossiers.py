"""The tables `dossiers` and `dossier_sections`, and all SQL on them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Record, Transaction
from spadework.core.ids import ClientId, RunId, new_id
from spadework.research.types.dossiers import Dossier, LeadScore, ScorePart, Section, Sentence, UsedSource

_DOSSIER = (
    "d.id, d.client_id, d.run_id, d.company_name, d.domain, d.state, d.score, d.primary_signal, d.media,"
    " d.release_after_hours, d.ready_at, d.release_at, d.is_simulated, d.created_at, d.updated_at,"
    " array(select s.section_key from dossier_sections s where s.account_id = d.account_id and s.dossier_id = d.id"
    "  and s.is_complete order by s.created_at) as sections_completed"
)


async def add(
    tx: Transaction, dossier_id: UUID, *, client_id: UUID, run_id: UUID, release_after_hours: float, is_simulated: bool
) -> bool:
    """False when the run has its dossier already."""
    tag = await tx.execute(
        "insert into dossiers (account_id, id, client_id, run_id, release_after_hours, is_simulated)"
        " values ($1, $2, $3, $4, $5, $6) on conflict (account_id, run_id) do nothing",
        tx.account, dossier_id, client_id, run_id, release_after_hours, is_simulated,
    )  # fmt: skip
    return tag == "INSERT 0 1"


async def find(tx: ReadOnly, dossier_id: UUID) -> Dossier | None:
    row = await tx.fetchrow(
        f"select {_DOSSIER} from dossiers d where d.account_id = $1 and d.id = $2", tx.account, dossier_id
    )
    return _dossier(row) if row else None


async def find_by_run(tx: ReadOnly, run_id: UUID) -> Dossier | None:
    row = await tx.fetchrow(
        f"select {_DOSSIER} from dossiers d where d.account_id = $1 and d.run_id = $2", tx.account, run_id
    )
    return _dossier(row) if row else None


async def lock(tx: Transaction, dossier_id: UUID) -> Dossier | None:
    row = await tx.fetchrow(
        f"select {_DOSSIER} from dossiers d where d.account_id = $1 and d.id = $2 for update", tx.account, dossier_id
    )
    return _dossier(row) if row else None


async def list_filtered(
    tx: ReadOnly, *, client_id: UUID | None, states: list[str] | None, search: str, released_by: datetime | None,
    after: UUID | None, limit: int,
) -> list[Dossier]:  # fmt: skip
    """Dossiers that match, newest first; `released_by` leaves out those that are held back at that time."""
    rows = await tx.fetch(
        f"select {_DOSSIER} from dossiers d where d.account_id = $1 and ($2::uuid is null or d.client_id = $2)"
        " and ($3::text[] is null or d.state = any($3))"
        " and ($4 = '' or concat_ws(' ', d.company_name, d.domain) ilike '%' || $4 || '%')"
        " and ($5::timestamptz is null or d.release_at <= $5) and ($6::uuid is null or d.id < $6)"
        " order by d.id desc limit $7",
        tx.account, client_id, states, _escaped(search), released_by, after, limit,
    )  # fmt: skip
    return [_dossier(row) for row in rows]


async def update(tx: Transaction, dossier_id: UUID, changes: Mapping[str, Any]) -> None:
    """Write the given columns: company_name, domain, state, score, primary_signal, media, ready_at, release_at."""
    allowed = ("company_name", "domain", "state", "score", "primary_signal", "media", "ready_at", "release_at")
    names = [each for each in allowed if each in changes]
    assert len(names) == len(changes), "a column that no caller may write"
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(names, 3))
    values = [asdict(value) if isinstance(value := changes[name], LeadScore) else value for name in names]
    await tx.execute(
        f"update dossiers set {sets}{', ' if sets else ''}updated_at = now() where account_id = $1 and id = $2",
        tx.account, dossier_id, *values,
    )  # fmt: skip


async def supersede(tx: Transaction, dossier: Dossier) -> None:
    """Mark older ready dossiers of the same client and domain, now that a newer one is ready."""
    await tx.execute(
        "update dossiers set state = 'superseded', updated_at = now() where account_id = $1 and client_id = $2"
        " and lower(domain) = lower($3) and id <> $4 and state = 'ready'",
        tx.account, dossier.client_id, dossier.domain, dossier.id,
    )  # fmt: skip


async def put_section(
    tx: Transaction, dossier_id: UUID, run_id: UUID, section: Section, *, step_run_id: UUID | None
) -> None:
    """Store a section in place of the one before."""
    await tx.execute(
        "insert into dossier_sections (account_id, id, dossier_id, run_id, step_run_id, section_key, content,"
        " sentences, problems, claim_ids, sources, is_complete) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
        " $12) on conflict (account_id, dossier_id, section_key) do update set step_run_id = excluded.step_run_id,"
        " content = excluded.content, sentences = excluded.sentences, problems = excluded.problems,"
        " claim_ids = excluded.claim_ids, sources = excluded.sources, is_complete = excluded.is_complete,"
        " updated_at = now()",
        tx.account, new_id(), dossier_id, run_id, step_run_id, section.key, dict(section.content),
        [asdict(each) for each in section.sentences], list(section.problems), list(section.claim_ids),
        [asdict(each) for each in section.sources], section.is_complete,
    )  # fmt: skip
    await tx.execute("update dossiers set updated_at = now() where account_id = $1 and id = $2", tx.account, dossier_id)


async def list_sections(tx: ReadOnly, dossier_id: UUID) -> list[Section]:
    rows = await tx.fetch(
        "select section_key, content, sentences, problems, claim_ids, sources, is_complete from dossier_sections"
        " where account_id = $1 and dossier_id = $2 order by created_at, section_key",
        tx.account, dossier_id,
    )  # fmt: skip
    return [_section(row) for row in rows]


def _dossier(row: Record) -> Dossier:
    return Dossier(
        **{
            **row,
            "client_id": ClientId(row["client_id"]),
            "run_id": RunId(row["run_id"]),
            "score": _score(row["score"]) if row["score"] else None,
            "sections_completed": tuple(row["sections_completed"]),
        }
    )


def _score(stored: Mapping[str, Any]) -> LeadScore:
    lists = ("claim_ids", "source_urls")
    parts = tuple(ScorePart(**{**each, **{name: tuple(each[name]) for name in lists}}) for each in stored["parts"])
    return LeadScore(**{**stored, "parts": parts, "problems": tuple(stored["problems"])})


def _section(row: Record) -> Section:
    return Section(
        key=row["section_key"],
        content=row["content"],
        sentences=tuple(Sentence(**{**each, "claim_ids": tuple(each["claim_ids"])}) for each in row["sentences"]),
        problems=tuple(row["problems"]),
        claim_ids=tuple(row["claim_ids"]),
        sources=tuple(
            UsedSource(**{**each, "used_in": tuple(each["used_in"]), "claim_ids": tuple(each["claim_ids"])})
            for each in row["sources"]
        ),
        is_complete=row["is_complete"],
    )


def _escaped(search: str) -> str:
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
