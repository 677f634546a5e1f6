"""The tables `research_clients`, `client_configs` and `onboardings`, and all SQL on them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Record, Transaction
from spadework.core.ids import new_id
from spadework.research.types.clients import ClientConfig, ConfigKind, Onboarding

_ONBOARDING = (
    "id, client_id, state, intake, materials, consolidated, generated, refined, run_id, created_at, updated_at"
)


async def ensure(tx: Transaction, client_id: UUID) -> None:
    """Give the client its row."""
    await tx.execute(
        "insert into research_clients (account_id, client_id) values ($1, $2) on conflict do nothing",
        tx.account, client_id,
    )  # fmt: skip


async def find(tx: ReadOnly, client_id: UUID) -> Record | None:
    """state, excluded, do_not_call; None before research has anything to do with the client."""
    return await tx.fetchrow(
        "select state, excluded, do_not_call from research_clients where account_id = $1 and client_id = $2",
        tx.account, client_id,
    )  # fmt: skip


async def list_states(tx: ReadOnly, client_ids: Sequence[UUID]) -> dict[UUID, Record]:
    """state, excluded, do_not_call of several clients."""
    rows = await tx.fetch(
        "select client_id, state, excluded, do_not_call from research_clients"
        " where account_id = $1 and client_id = any($2)",
        tx.account, list(client_ids),
    )  # fmt: skip
    return {row["client_id"]: row for row in rows}


async def update(
    tx: Transaction,
    client_id: UUID,
    *,
    state: str | None = None,
    excluded: Sequence[str] | None = None,
    do_not_call: Sequence[str] | None = None,
) -> None:
    """Write what is given; None leaves it."""
    await tx.execute(
        "update research_clients set state = coalesce($3, state), excluded = coalesce($4, excluded),"
        " do_not_call = coalesce($5, do_not_call), updated_at = now() where account_id = $1 and client_id = $2",
        tx.account, client_id, state, list(excluded) if excluded is not None else None,
        list(do_not_call) if do_not_call is not None else None,
    )  # fmt: skip


async def add_config(tx: Transaction, client_id: UUID, config: ClientConfig, *, by: UUID | None) -> bool:
    """Store a configuration under its version; False when somebody else has saved that version first."""
    tag = await tx.execute(
        "insert into client_configs (account_id, client_id, kind, version, original, refined, created_by)"
        " values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        tx.account, client_id, config.kind, config.version, dict(config.original),
        dict(config.refined) if config.refined is not None else None, by,
    )  # fmt: skip
    await tx.execute(
        "update research_clients set updated_at = now() where account_id = $1 and client_id = $2", tx.account, client_id
    )
    return tag == "INSERT 0 1"


async def list_configs(tx: ReadOnly, client_ids: Sequence[UUID]) -> dict[UUID, dict[ConfigKind, ClientConfig]]:
    """The newest version of each configuration of several clients."""
    rows = await tx.fetch(
        "select distinct on (client_id, kind) client_id, kind, version, original, refined, created_at as updated_at"
        " from client_configs where account_id = $1 and client_id = any($2) order by client_id, kind, version desc",
        tx.account, list(client_ids),
    )  # fmt: skip
    found: dict[UUID, dict[ConfigKind, ClientConfig]] = {}
    for row in rows:
        found.setdefault(row["client_id"], {})[row["kind"]] = _config(row)
    return found


async def list_versions(tx: ReadOnly, client_id: UUID, kind: str) -> list[ClientConfig]:
    """Every version of one configuration, newest first."""
    rows = await tx.fetch(
        "select kind, version, original, refined, created_at as updated_at from client_configs"
        " where account_id = $1 and client_id = $2 and kind = $3 order by version desc",
        tx.account, client_id, kind,
    )  # fmt: skip
    return [_config(row) for row in rows]


async def add_onboarding(
    tx: Transaction,
    client_id: UUID,
    *,
    intake: Mapping[str, Any],
    materials: Sequence[Mapping[str, Any]],
    by: UUID | None,
) -> UUID:
    onboarding_id = new_id()
    await tx.execute(
        "insert into onboardings (account_id, id, client_id, intake, materials, created_by)"
        " values ($1, $2, $3, $4, $5, $6)",
        tx.account, onboarding_id, client_id, dict(intake), [dict(each) for each in materials], by,
    )  # fmt: skip
    return onboarding_id


async def find_onboarding(tx: ReadOnly, onboarding_id: UUID) -> Onboarding | None:
    row = await tx.fetchrow(
        f"select {_ONBOARDING} from onboardings where account_id = $1 and id = $2", tx.account, onboarding_id
    )
    return _onboarding(row) if row else None


async def list_onboardings(tx: ReadOnly, client_id: UUID) -> list[Onboarding]:
    """A client's intakes, newest first."""
    rows = await tx.fetch(
        f"select {_ONBOARDING} from onboardings where account_id = $1 and client_id = $2 order by id desc",
        tx.account, client_id,
    )  # fmt: skip
    return [_onboarding(row) for row in rows]


async def update_onboarding(tx: Transaction, onboarding_id: UUID, changes: Mapping[str, Any]) -> None:
    """Write the given columns: state, consolidated, generated, refined, run_id."""
    names = [each for each in ("state", "consolidated", "generated", "refined", "run_id") if each in changes]
    assert names and len(names) == len(changes), "a column that no caller may write"
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(names, 3))
    await tx.execute(
        f"update onboardings set {sets}, updated_at = now() where account_id = $1 and id = $2",
        tx.account, onboarding_id, *(changes[name] for name in names),
    )  # fmt: skip


def _config(row: Record) -> ClientConfig:
    return ClientConfig(
        kind=row["kind"], version=row["version"], original=row["original"], refined=row["refined"],
        updated_at=row["updated_at"],
    )  # fmt: skip


def _onboarding(row: Record) -> Onboarding:
    return Onboarding(**{**row, "materials": tuple(row["materials"])})
