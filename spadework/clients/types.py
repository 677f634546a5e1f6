"""Clients: who the work of an account is done for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from spadework.core.ids import ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client. `llm` and `model` are what its AI columns use unless they name others; None: not chosen."""

    id: ClientId
    name: str
    domain: str | None
    llm: str | None
    model: str | None
    settings: Mapping[str, Any]
    created_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPage:
    """Clients by name, and where the next page begins; None on the last."""

    clients: list[Client]
    next_cursor: str | None
