"""What research knows about a client: its intake, the configurations made of it, and whom to leave alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from spadework.core.ids import ClientId

ConfigKind = Literal["icp_config", "industry_research", "research_context", "seed", "batch_strategy"]
OnboardingState = Literal["onboarding", "active"]
IntakeState = Literal["intake", "consolidated", "configured", "refined"]

CONFIG_KINDS: tuple[ConfigKind, ...] = get_args(ConfigKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """One configuration of a client. `refined` is the shorter form the pipeline reads; `original` is kept."""

    kind: ConfigKind
    original: Mapping[str, Any]
    refined: Mapping[str, Any] | None = None
    version: int = 1
    updated_at: datetime | None = None

    @property
    def current(self) -> Mapping[str, Any]:
        """What the pipeline reads."""
        return self.original if self.refined is None else self.refined


@dataclass(frozen=True, slots=True, kw_only=True)
class ResearchClient:
    """A client as research sees it. `excluded` and `do_not_call` are domains and companies to leave alone."""

    client_id: ClientId
    name: str
    domain: str | None
    state: OnboardingState
    configs: Mapping[ConfigKind, ClientConfig]
    excluded: tuple[str, ...] = ()
    do_not_call: tuple[str, ...] = ()
    created_at: datetime
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Onboarding:
    """One intake of a client: what was handed in, and what each step made of it; nothing is overwritten."""

    id: UUID
    client_id: ClientId
    state: IntakeState
    intake: Mapping[str, Any]
    materials: tuple[Mapping[str, Any], ...] = ()
    consolidated: Mapping[str, Any] | None = None
    generated: Mapping[str, Any] = field(default_factory=dict)
    refined: Mapping[str, Any] = field(default_factory=dict)
    run_id: UUID | None = None
    created_at: datetime
    updated_at: datetime
