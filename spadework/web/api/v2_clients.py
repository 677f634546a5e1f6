"""Clients as research knows them: configurations, whom to leave alone, onboarding."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request
from pydantic import Field

from spadework.accounts.types import Principal
from spadework.research.actions import clients
from spadework.research.actions.clients import ClientChanges
from spadework.research.types.clients import (
    CONFIG_KINDS,
    ClientConfig,
    ConfigKind,
    IntakeState,
    Onboarding,
    OnboardingState,
    ResearchClient,
)
from spadework.web.auth import app_of, require
from spadework.web.routes import MAX_PAGE, AnyClient, AnyRun, Body, Reply, Router, resource

router = Router("research-clients")
AnyOnboarding = Annotated[UUID, resource("onboarding")]
Config = dict[str, Any]
KindName = Annotated[str, Path(max_length=60, description=f"One of: {', '.join(CONFIG_KINDS)}.")]


class ConfigReply(Reply):
    """One configuration: the original, and the refined form the pipeline reads when there is one."""

    kind: ConfigKind
    version: int
    original: Config
    refined: Config | None
    updated_at: datetime | None


class ResearchClientReply(Reply):
    """One client with what the pipeline reads of each configuration; `configs` hold versions and originals."""

    id: AnyClient
    name: str
    domain: str | None
    status: OnboardingState
    icp_config: Config | None
    industry_research: Config | None
    research_context: Config | None
    seed: Config | None
    batch_strategy: Config | None
    configs: list[ConfigReply]
    excluded: list[str]
    do_not_call: list[str]
    created_at: datetime


class ResearchClients(Reply):
    """Clients that are not archived, oldest first."""

    data: list[ResearchClientReply]
    next_cursor: str | None


class NewResearchClient(Body):
    """A client and, as far as they are known, its configurations."""

    name: str = Field(min_length=1, max_length=200)
    domain: str | None = Field(default=None, max_length=300)
    icp_config: Config | None = None
    industry_research: Config | None = None
    research_context: Config | None = None
    seed: Config | None = None
    batch_strategy: Config | None = None
    excluded: list[str] | None = Field(default=None, max_length=10_000)
    do_not_call: list[str] | None = Field(default=None, max_length=10_000)


class ResearchClientChange(Body):
    """What to change; what is left out stays. `expected_versions` guards against two people saving at once."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    domain: str | None = Field(default=None, max_length=300)
    icp_config: Config | None = None
    industry_research: Config | None = None
    research_context: Config | None = None
    seed: Config | None = None
    batch_strategy: Config | None = None
    excluded: list[str] | None = Field(default=None, max_length=10_000)
    do_not_call: list[str] | None = Field(default=None, max_length=10_000)
    expected_versions: dict[ConfigKind, int] = Field(default_factory=dict)


class Versions(Reply):
    """Every version of one configuration, newest first."""

    data: list[ConfigReply]


class Refined(Body):
    """The shorter form of a configuration."""

    refined: Config


class OnboardingReply(Reply):
    """One intake and what each stage made of it."""

    id: AnyOnboarding
    client_id: AnyClient
    state: IntakeState
    intake: Config
    materials: list[Config]
    consolidated: Config | None
    generated: Config
    refined: Config
    run_id: AnyRun | None
    created_at: datetime
    updated_at: datetime


class Onboardings(Reply):
    """A client's intakes, newest first."""

    data: list[OnboardingReply]


class NewOnboarding(Body):
    """Answers and materials as they are handed in; `intake.do_not_call` counts at once."""

    intake: Config
    materials: list[Config] = Field(default_factory=list, max_length=100)


class OnboardingStage(Body):
    """The next stage or stages of an intake; configurations are by kind."""

    consolidated: Config | None = None
    generated: dict[ConfigKind, Config] | None = None
    refined: dict[ConfigKind, Config] | None = None


@router.post("/v2/clients", status_code=201)
async def create_client(
    body: NewResearchClient, request: Request, who: Principal = require("clients.write")
) -> ResearchClientReply:
    """A new client with configurations."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        changes = ClientChanges(
            domain=body.domain, configs=_configs(body), excluded=body.excluded, do_not_call=body.do_not_call
        )
        return _show(await clients.create(tx, body.name, changes, by=who.user_id))


@router.get("/v2/clients")
async def list_clients(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    who: Principal = require("clients.read"),
) -> ResearchClients:
    """The account's clients with their configurations."""
    async with app_of(request).database.read(who.account_id) as tx:
        page = await clients.list_clients(tx, limit=limit, cursor=cursor)
    return ResearchClients(data=[_show(each) for each in page.clients], next_cursor=page.next_cursor)


@router.get("/v2/clients/{client_id}")
async def get_client(
    client_id: AnyClient, request: Request, who: Principal = require("clients.read")
) -> ResearchClientReply:
    """One client with its full configurations."""
    async with app_of(request).database.read(who.account_id) as tx:
        return _show(await clients.get(tx, client_id))


@router.put("/v2/clients/{client_id}")
async def update_client(
    client_id: AnyClient, body: ResearchClientChange, request: Request, who: Principal = require("clients.write")
) -> ResearchClientReply:
    """Change what is given; a configuration that changed is a new version, and the old ones stay."""
    changes = ClientChanges(
        name=body.name, domain=body.domain, configs=_configs(body), excluded=body.excluded,
        do_not_call=body.do_not_call, expected_versions={str(name): each for name, each in body.expected_versions.items()},
    )  # fmt: skip
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _show(await clients.update(tx, client_id, changes, by=who.user_id))


@router.get("/v2/clients/{client_id}/configs/{kind}/versions")
async def list_config_versions(
    client_id: AnyClient, kind: KindName, request: Request, who: Principal = require("clients.read")
) -> Versions:
    """Every version of one configuration."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await clients.list_config_versions(tx, client_id, kind)
    return Versions(data=[ConfigReply.model_validate(each) for each in found])


@router.put("/v2/clients/{client_id}/configs/{kind}/refined")
async def refine_config(
    client_id: AnyClient, kind: KindName, body: Refined, request: Request, who: Principal = require("clients.write")
) -> ConfigReply:
    """Give a configuration its shorter form; the original stays beside it."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return ConfigReply.model_validate(await clients.refine(tx, client_id, kind, body.refined, by=who.user_id))


@router.get("/v2/clients/{client_id}/onboardings")
async def list_onboardings(
    client_id: AnyClient, request: Request, who: Principal = require("clients.read")
) -> Onboardings:
    """A client's intakes."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await clients.list_onboardings(tx, client_id)
    return Onboardings(data=[_onboarding(each) for each in found])


@router.post("/v2/clients/{client_id}/onboardings", status_code=201)
async def start_onboarding(
    client_id: AnyClient, body: NewOnboarding, request: Request, who: Principal = require("clients.write")
) -> OnboardingReply:
    """Begin the onboarding of a client with what it handed in."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        made = await clients.start_onboarding(
            tx, client_id, intake=body.intake, materials=body.materials, by=who.user_id
        )
    return _onboarding(made)


@router.get("/v2/onboardings/{onboarding_id}")
async def get_onboarding(
    onboarding_id: AnyOnboarding, request: Request, who: Principal = require("clients.read")
) -> OnboardingReply:
    """One intake."""
    async with app_of(request).database.read(who.account_id) as tx:
        return _onboarding(await clients.get_onboarding(tx, onboarding_id))


@router.put("/v2/onboardings/{onboarding_id}")
async def advance_onboarding(
    onboarding_id: AnyOnboarding,
    body: OnboardingStage,
    request: Request,
    who: Principal = require("clients.write"),
) -> OnboardingReply:
    """Take the intake to its next stage by hand; with the last one the client is active."""
    stages = {name: value for name in OnboardingStage.model_fields if (value := getattr(body, name)) is not None}
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _onboarding(await clients.advance_onboarding(tx, onboarding_id, **stages, by=who.user_id))


def _configs(body: NewResearchClient | ResearchClientChange) -> dict[str, Config]:
    return {kind: value for kind in CONFIG_KINDS if (value := getattr(body, kind)) is not None}


def _show(client: ResearchClient) -> ResearchClientReply:
    def current(kind: ConfigKind) -> Config | None:
        config: ClientConfig | None = client.configs.get(kind)
        return dict(config.current) if config else None

    return ResearchClientReply(
        id=client.client_id, name=client.name, domain=client.domain, status=client.state,
        icp_config=current("icp_config"), industry_research=current("industry_research"),
        research_context=current("research_context"), seed=current("seed"), batch_strategy=current("batch_strategy"),
        configs=[ConfigReply.model_validate(client.configs[kind]) for kind in CONFIG_KINDS if kind in client.configs],
        excluded=list(client.excluded), do_not_call=list(client.do_not_call), created_at=client.created_at,
    )  # fmt: skip


def _onboarding(onboarding: Onboarding) -> OnboardingReply:
    return OnboardingReply.model_validate(onboarding)
