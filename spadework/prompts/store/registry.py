"""The tables `prompts`, `prompt_versions`, `prompt_labels` and `prompt_label_moves`, and all SQL on them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Record, Transaction
from spadework.core.ids import UserId, new_id
from spadework.prompts.types import (
    Draft,
    Label,
    LabelMove,
    NewPrompt,
    Prompt,
    PromptConfig,
    PromptId,
    PromptInput,
    PromptVersion,
)

_PROMPT = """
    select p.*, coalesce((select max(v.number) from prompt_versions v where v.account_id = p.account_id
      and v.prompt_id = p.id and v.branch = 'main'), 0) as latest,
      coalesce((select jsonb_agg(jsonb_build_object('name', l.name, 'number', l.number, 'is_protected', l.is_protected,
        'moved_at', l.moved_at, 'moved_by', l.moved_by) order by l.name) from prompt_labels l
        where l.account_id = p.account_id and l.prompt_id = p.id), '[]') as labels
    from prompts p where p.account_id = $1"""
_VERSION = """
    select v.*, p.key, u.name as created_by_name from prompt_versions v
    join prompts p on p.account_id = v.account_id and p.id = v.prompt_id
    left join users u on u.account_id = v.account_id and u.id = v.created_by
    where v.account_id = $1"""


async def add(tx: Transaction, new: NewPrompt, *, by: UserId | None) -> PromptId | None:
    """The id of the new prompt, None when the account has one of that key."""
    prompt_id = PromptId(new_id())
    added = await tx.fetchval(
        "insert into prompts (account_id, id, key, name, stage, step, position, description, tags, is_fragment,"
        " produces_claims, merges_claims, context_pack, execution_mode, timeout_seconds, created_by)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
        " on conflict (account_id, key) do nothing returning id",
        tx.account, prompt_id, *_facts(new), by,
    )  # fmt: skip
    return PromptId(added) if added else None


async def update(tx: Transaction, prompt_id: PromptId, new: NewPrompt) -> None:
    await tx.execute(
        "update prompts set key = $3, name = $4, stage = $5, step = $6, position = $7, description = $8, tags = $9,"
        " is_fragment = $10, produces_claims = $11, merges_claims = $12, context_pack = $13, execution_mode = $14,"
        " timeout_seconds = $15, updated_at = now() where account_id = $1 and id = $2",
        tx.account, prompt_id, *_facts(new),
    )  # fmt: skip


async def set_archived(tx: Transaction, prompt_id: UUID, *, is_archived: bool) -> None:
    await tx.execute(
        "update prompts set archived_at = case when $3 then coalesce(archived_at, now()) end, updated_at = now()"
        " where account_id = $1 and id = $2",
        tx.account, prompt_id, is_archived,
    )  # fmt: skip


async def find(tx: ReadOnly, prompt_id: UUID) -> Prompt | None:
    row = await tx.fetchrow(f"{_PROMPT} and p.id = $2", tx.account, prompt_id)
    return _prompt(row) if row else None


async def find_by_key(tx: ReadOnly, key: str) -> Prompt | None:
    row = await tx.fetchrow(f"{_PROMPT} and p.key = $2", tx.account, key)
    return _prompt(row) if row else None


async def list_by_keys(tx: ReadOnly, keys: Sequence[str]) -> list[Prompt]:
    rows = await tx.fetch(f"{_PROMPT} and p.key = any($2)", tx.account, list(keys))
    return [_prompt(row) for row in rows]


async def lock(tx: Transaction, prompt_id: UUID) -> None:
    """Have whoever else would save or move labels of this prompt wait for this transaction's end."""
    await tx.execute("select from prompts where account_id = $1 and id = $2 for update", tx.account, prompt_id)


async def list_prompts(
    tx: ReadOnly, *, stage: str | None, search: str | None, fragments: bool, archived: bool
) -> list[Prompt]:
    rows = await tx.fetch(
        f"{_PROMPT} and ($2::text is null or p.stage = $2) and (p.archived_at is not null) = $5"
        " and (p.is_fragment = false or $4) and ($3::text is null or strpos(lower(p.key || ' ' || p.name || ' ' ||"
        "  p.description || ' ' || array_to_string(p.tags, ' ')), lower($3)) > 0)"
        " order by p.position, p.key limit 2000",
        tx.account, stage, search, fragments, archived,
    )  # fmt: skip
    return [_prompt(row) for row in rows]


async def add_version(
    tx: Transaction, prompt: Prompt, draft: Draft, *, sha256: bytes, branch: str, parent: int | None, merged: int | None,
    is_library: bool, notes: str, by: UserId | None,
) -> int:  # fmt: skip
    """The new version's number, one more than the prompt's highest; hold the prompt's lock."""
    number = await tx.fetchval(
        "insert into prompt_versions (account_id, id, prompt_id, number, branch, parent, merged, text, config, inputs,"
        " sha256, is_library, notes, created_by)"
        " select $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13"
        " from prompt_versions where account_id = $1 and prompt_id = $3 returning number",
        tx.account, new_id(), prompt.id, branch, parent, merged, draft.text, draft.config.model_dump(mode="json"),
        [each.model_dump(mode="json") for each in draft.inputs], sha256, is_library, notes, by,
    )  # fmt: skip
    await tx.execute("update prompts set updated_at = now() where account_id = $1 and id = $2", tx.account, prompt.id)
    return int(number)


async def find_version(tx: ReadOnly, prompt_id: UUID, number: int) -> PromptVersion | None:
    row = await tx.fetchrow(f"{_VERSION} and v.prompt_id = $2 and v.number = $3", tx.account, prompt_id, number)
    return _version(row) if row else None


async def list_numbered(tx: ReadOnly, wanted: Sequence[tuple[UUID, int]]) -> list[PromptVersion]:
    """The versions of those prompts and numbers, as far as they are there."""
    rows = await tx.fetch(
        f"{_VERSION} and (v.prompt_id, v.number) in (select * from unnest($2::uuid[], $3::int[]))",
        tx.account, [prompt_id for prompt_id, _ in wanted], [number for _, number in wanted],
    )  # fmt: skip
    return [_version(row) for row in rows]


async def list_contents(tx: ReadOnly, wanted: Sequence[tuple[str, bytes]]) -> set[tuple[str, bytes]]:
    """Which of those keys and digests of contents there are."""
    rows = await tx.fetch(
        "select p.key, v.sha256 from prompts p join prompt_versions v on v.account_id = p.account_id"
        " and v.prompt_id = p.id where p.account_id = $1"
        " and (p.key, v.sha256) in (select * from unnest($2::text[], $3::bytea[]))",
        tx.account, [key for key, _ in wanted], [sha256 for _, sha256 in wanted],
    )  # fmt: skip
    return {(row["key"], row["sha256"]) for row in rows}


async def find_head(tx: ReadOnly, prompt_id: UUID, branch: str) -> PromptVersion | None:
    row = await tx.fetchrow(
        f"{_VERSION} and v.prompt_id = $2 and v.branch = $3 order by v.number desc limit 1",
        tx.account, prompt_id, branch,
    )  # fmt: skip
    return _version(row) if row else None


async def list_versions(tx: ReadOnly, prompt_id: UUID, *, branch: str | None = None) -> list[PromptVersion]:
    rows = await tx.fetch(
        f"{_VERSION} and v.prompt_id = $2 and ($3::text is null or v.branch = $3) order by v.number desc limit 1000",
        tx.account, prompt_id, branch,
    )  # fmt: skip
    return [_version(row) for row in rows]


async def family(tx: ReadOnly, prompt_id: UUID) -> dict[int, tuple[int | None, int | None]]:
    """The parents of every version by its number."""
    rows = await tx.fetch(
        "select number, parent, merged from prompt_versions where account_id = $1 and prompt_id = $2",
        tx.account, prompt_id,
    )  # fmt: skip
    return {row["number"]: (row["parent"], row["merged"]) for row in rows}


async def put_label(
    tx: Transaction, prompt_id: UUID, name: str, number: int, *, is_protected: bool, by: UserId | None
) -> None:
    await tx.execute(
        "insert into prompt_labels (account_id, prompt_id, name, number, is_protected, moved_by)"
        " values ($1, $2, $3, $4, $5, $6) on conflict (account_id, prompt_id, name) do update set number = excluded.number,"
        " is_protected = excluded.is_protected, moved_by = excluded.moved_by, moved_at = now()",
        tx.account, prompt_id, name, number, is_protected, by,
    )  # fmt: skip


async def set_protected(tx: Transaction, prompt_id: UUID, name: str, *, is_protected: bool) -> None:
    await tx.execute(
        "update prompt_labels set is_protected = $4 where account_id = $1 and prompt_id = $2 and name = $3",
        tx.account, prompt_id, name, is_protected,
    )  # fmt: skip


async def remove_label(tx: Transaction, prompt_id: UUID, name: str) -> bool:
    tag = await tx.execute(
        "delete from prompt_labels where account_id = $1 and prompt_id = $2 and name = $3", tx.account, prompt_id, name
    )
    return tag.endswith(" 1")


async def add_move(
    tx: Transaction, prompt_id: UUID, label: str, *, number: int, from_number: int | None, state: str, fingerprint: str,
    gate: Mapping[str, Any], note: str, by: UserId | None,
) -> UUID:  # fmt: skip
    move_id = new_id()
    await tx.execute(
        "insert into prompt_label_moves (account_id, id, prompt_id, label, number, from_number, state, fingerprint, gate,"
        " note, asked_by, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
        " case when $7 = 'moved' then now() end)",
        tx.account, move_id, prompt_id, label, number, from_number, state, fingerprint, dict(gate), note, by,
    )  # fmt: skip
    return move_id


async def find_move(tx: ReadOnly, move_id: UUID) -> LabelMove | None:
    row = await tx.fetchrow("select * from prompt_label_moves where account_id = $1 and id = $2", tx.account, move_id)
    return _move(row) if row else None


async def lock_move(tx: Transaction, move_id: UUID) -> LabelMove | None:
    row = await tx.fetchrow(
        "select * from prompt_label_moves where account_id = $1 and id = $2 for update", tx.account, move_id
    )
    return _move(row) if row else None


async def decide_move(
    tx: Transaction, move_id: UUID, state: str, *, gate: Mapping[str, Any], note: str, by: UserId | None
) -> None:
    await tx.execute(
        "update prompt_label_moves set state = $3, gate = $4, note = $5, decided_by = $6, decided_at = now()"
        " where account_id = $1 and id = $2",
        tx.account, move_id, state, dict(gate), note, by,
    )  # fmt: skip


async def list_moves(tx: ReadOnly, prompt_id: UUID, *, limit: int) -> list[LabelMove]:
    rows = await tx.fetch(
        "select * from prompt_label_moves where account_id = $1 and prompt_id = $2 order by asked_at desc, id desc limit $3",
        tx.account, prompt_id, limit,
    )  # fmt: skip
    return [_move(row) for row in rows]


def _facts(new: NewPrompt) -> tuple[Any, ...]:
    return (
        new.key, new.name, new.stage, new.step, new.position, new.description, list(new.tags), new.is_fragment,
        new.produces_claims, new.merges_claims, new.context_pack, new.execution_mode, new.timeout_seconds,
    )  # fmt: skip


def _prompt(row: Record) -> Prompt:
    return Prompt(
        id=PromptId(row["id"]), key=row["key"], name=row["name"], stage=row["stage"], step=row["step"],
        position=row["position"], description=row["description"], tags=tuple(row["tags"]),
        is_fragment=row["is_fragment"], produces_claims=row["produces_claims"], merges_claims=row["merges_claims"],
        context_pack=row["context_pack"], execution_mode=row["execution_mode"], timeout_seconds=row["timeout_seconds"],
        latest=row["latest"], labels=tuple(_label(each) for each in row["labels"]), created_at=row["created_at"],
        updated_at=row["updated_at"], archived_at=row["archived_at"],
    )  # fmt: skip


def _label(stored: Mapping[str, Any]) -> Label:
    return Label(
        name=stored["name"], number=stored["number"], is_protected=stored["is_protected"],
        moved_at=datetime.fromisoformat(stored["moved_at"]),
        moved_by=UUID(stored["moved_by"]) if stored["moved_by"] else None,
    )  # fmt: skip


def _version(row: Record) -> PromptVersion:
    return PromptVersion(
        id=row["id"], prompt_id=PromptId(row["prompt_id"]), key=row["key"], number=row["number"], branch=row["branch"],
        parent=row["parent"], merged=row["merged"], text=row["text"], config=PromptConfig.model_validate(row["config"]),
        inputs=tuple(PromptInput.model_validate(each) for each in row["inputs"]), sha256=row["sha256"],
        is_library=row["is_library"], notes=row["notes"], created_by=row["created_by"],
        created_by_name=row["created_by_name"], created_at=row["created_at"],
    )  # fmt: skip


def _move(row: Record) -> LabelMove:
    return LabelMove(
        id=row["id"], prompt_id=PromptId(row["prompt_id"]), label=row["label"], number=row["number"],
        from_number=row["from_number"], state=row["state"], fingerprint=row["fingerprint"], gate=row["gate"],
        note=row["note"], asked_by=row["asked_by"], asked_at=row["asked_at"], decided_by=row["decided_by"],
        decided_at=row["decided_at"],
    )  # fmt: skip
