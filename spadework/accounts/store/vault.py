"""The table of stored credentials, and all SQL on it; what is in them is sealed before it comes here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from spadework.accounts.types import StoredCredential
from spadework.core.db import ReadOnly, Transaction
from spadework.core.ids import UserId


@dataclass(frozen=True, slots=True)
class Sealed:
    """A credential as it lies in its row."""

    shown: StoredCredential
    ciphertext: bytes


async def put_credential(
    tx: Transaction, credential_id: UUID, shown: StoredCredential, ciphertext: bytes, *, by: UserId | None
) -> None:
    await tx.execute(
        "insert into credentials (account_id, id, kind, name, ciphertext, version, last_four, fingerprint,"
        " base_url, features, usd_per_credit, updated_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " on conflict (account_id, kind, name) do update set ciphertext = excluded.ciphertext,"
        " version = excluded.version, last_four = excluded.last_four, fingerprint = excluded.fingerprint,"
        " base_url = excluded.base_url, features = excluded.features, usd_per_credit = excluded.usd_per_credit,"
        " updated_by = excluded.updated_by, updated_at = now()",
        tx.account,
        credential_id,
        shown.kind,
        shown.name,
        ciphertext,
        shown.version,
        shown.last_four,
        shown.fingerprint,
        shown.base_url,
        dict(shown.features),
        shown.usd_per_credit,
        by,
    )


async def find_sealed(tx: ReadOnly, kind: str, name: str) -> Sealed | None:
    row = await tx.fetchrow(
        "select kind, name, last_four, fingerprint, base_url, features, usd_per_credit, version, updated_at,"
        " ciphertext from credentials where account_id = $1 and kind = $2 and name = $3",
        tx.account,
        kind,
        name,
    )
    if row is None:
        return None
    shown = {key: value for key, value in row.items() if key != "ciphertext"}
    return Sealed(StoredCredential(**shown), row["ciphertext"])


async def list_credentials(tx: ReadOnly) -> list[StoredCredential]:
    rows = await tx.fetch(
        "select kind, name, last_four, fingerprint, base_url, features, usd_per_credit, version, updated_at"
        " from credentials where account_id = $1 order by kind, name",
        tx.account,
    )
    return [StoredCredential(**row) for row in rows]


async def set_features(tx: Transaction, kind: str, name: str, features: Mapping[str, Any]) -> None:
    await tx.execute(
        "update credentials set features = $4 where account_id = $1 and kind = $2 and name = $3",
        tx.account,
        kind,
        name,
        dict(features),
    )


async def remove_credential(tx: Transaction, kind: str, name: str) -> bool:
    tag = await tx.execute(
        "delete from credentials where account_id = $1 and kind = $2 and name = $3", tx.account, kind, name
    )
    return tag == "DELETE 1"
