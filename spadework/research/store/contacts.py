"""The table `contacts`, and all SQL on it."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Record, Transaction
from spadework.core.ids import RunId, new_id
from spadework.research.types.dossiers import Contact, ContactRecord

_FIELDS = tuple(each.name for each in fields(Contact) if each.name != "index")
_LISTS = ("interesting_facts", "problems")
_COLUMNS = (
    "c.id, c.run_id, c.dossier_id, c.created_at, c.updated_at, c.contact_index,"
    " (select d.company_name from dossiers d where d.account_id = c.account_id and d.id = c.dossier_id) as company_name,"
    " (select r.is_simulated from runs r where r.account_id = c.account_id and r.id = c.run_id) as is_simulated, "
    + ", ".join(f"c.{name}" for name in _FIELDS)
)


async def put(tx: Transaction, run_id: UUID, dossier_id: UUID | None, contact: Contact) -> UUID:
    """Store the contact at its index of the run, in place of what stood there."""
    names = ", ".join(_FIELDS)
    places = ", ".join(f"${number}" for number in range(6, 6 + len(_FIELDS)))
    changes = ", ".join(f"{name} = excluded.{name}" for name in _FIELDS)
    found = await tx.fetchval(
        f"insert into contacts (account_id, id, run_id, dossier_id, contact_index, {names})"
        f" values ($1, $2, $3, $4, $5, {places}) on conflict (account_id, run_id, contact_index) do update set"
        f" {changes}, dossier_id = excluded.dossier_id, updated_at = now() returning id",
        tx.account, new_id(), run_id, dossier_id, contact.index, *(_stored(contact, name) for name in _FIELDS),
    )  # fmt: skip
    return UUID(str(found))


async def clear_primary(tx: Transaction, run_id: UUID) -> None:
    """Let no contact of the run be the primary one, before another becomes it."""
    await tx.execute(
        "update contacts set is_primary = false where account_id = $1 and run_id = $2 and is_primary",
        tx.account, run_id,
    )  # fmt: skip


async def set_primary(tx: Transaction, run_id: UUID, contact_id: UUID) -> None:
    """Let that contact be the run's primary one, and no other."""
    await clear_primary(tx, run_id)
    await tx.execute(
        "update contacts set is_primary = true, updated_at = now() where account_id = $1 and run_id = $2 and id = $3",
        tx.account, run_id, contact_id,
    )  # fmt: skip


async def replace_of_run(tx: Transaction, run_id: UUID, dossier_id: UUID | None, people: Sequence[Contact]) -> None:
    """Store these contacts in place of all the run had; safe to repeat."""
    await tx.execute("delete from contacts where account_id = $1 and run_id = $2", tx.account, run_id)
    places = ", ".join(f"${number}" for number in range(6, 6 + len(_FIELDS)))
    await tx.executemany(
        f"insert into contacts (account_id, id, run_id, dossier_id, contact_index, {', '.join(_FIELDS)})"
        f" values ($1, $2, $3, $4, $5, {places})",
        [
            (tx.account, new_id(), run_id, dossier_id, each.index, *(_stored(each, name) for name in _FIELDS))
            for each in people
        ],
    )


async def find_at(tx: ReadOnly, run_id: UUID, index: int) -> ContactRecord | None:
    row = await tx.fetchrow(
        f"select {_COLUMNS} from contacts c where account_id = $1 and run_id = $2 and contact_index = $3",
        tx.account, run_id, index,
    )  # fmt: skip
    return _record(row) if row else None


async def lock_at(tx: Transaction, run_id: UUID, index: int) -> ContactRecord | None:
    """The contact at that index of the run, and nobody else changes it until this ends."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from contacts c where account_id = $1 and run_id = $2 and contact_index = $3 for update",
        tx.account, run_id, index,
    )  # fmt: skip
    return _record(row) if row else None


async def find(tx: ReadOnly, contact_id: UUID) -> ContactRecord | None:
    row = await tx.fetchrow(
        f"select {_COLUMNS} from contacts c where account_id = $1 and id = $2", tx.account, contact_id
    )
    return _record(row) if row else None


async def list_filtered(
    tx: ReadOnly, *, run_id: UUID | None, dossier_id: UUID | None, client_id: UUID | None, search: str,
    after: UUID | None, limit: int, is_primary: bool | None = None, is_verified: bool | None = None,
    has_email: bool | None = None,
) -> list[ContactRecord]:  # fmt: skip
    """Contacts: of a run by their index, else newest first; `search` looks into names, titles and companies."""
    order = "c.contact_index, c.id" if run_id or dossier_id else "c.id desc"
    rows = await tx.fetch(
        f"select {_COLUMNS} from contacts c where account_id = $1 and ($2::uuid is null or run_id = $2)"
        " and ($3::uuid is null or dossier_id = $3) and ($4::uuid is null or exists (select from runs r"
        "  where r.account_id = c.account_id and r.id = c.run_id and r.client_id = $4))"
        " and ($5 = '' or concat_ws(' ', first_name, last_name, title, organization) ilike '%' || $5 || '%')"
        " and ($6::uuid is null or case when $2::uuid is null and $3::uuid is null then id < $6 else"
        "  (contact_index, id) > (select contact_index, id from contacts b where b.account_id = $1 and b.id = $6) end)"
        " and ($8::bool is null or is_primary = $8) and ($9::bool is null or is_verified = $9)"
        " and ($10::bool is null or (email is not null) = $10)"
        f" order by {order} limit $7",
        tx.account, run_id, dossier_id, client_id, _escaped(search), after, limit, is_primary, is_verified, has_email,
    )  # fmt: skip
    return [_record(row) for row in rows]


def _stored(contact: Contact, name: str) -> Any:
    value = getattr(contact, name)
    if name in _LISTS:
        return list(value)
    return dict(value) if name.endswith("email_copy") and value is not None else value


def _record(row: Record) -> ContactRecord:
    values: dict[str, Any] = {name: row[name] for name in _FIELDS}
    lists: dict[str, Sequence[str]] = {name: tuple(values[name]) for name in _LISTS}
    return ContactRecord(
        id=row["id"], run_id=RunId(row["run_id"]), dossier_id=row["dossier_id"], created_at=row["created_at"],
        updated_at=row["updated_at"], contact=Contact(**{**values, **lists}, index=row["contact_index"]),
        company_name=row["company_name"], is_simulated=bool(row["is_simulated"]),
    )  # fmt: skip


def _escaped(search: str) -> str:
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
