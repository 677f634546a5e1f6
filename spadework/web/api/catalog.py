"""The catalogue: every data source, column kind and language model that a plan may use."""

from typing import Any

from fastapi import Request

from spadework.accounts.types import Principal
from spadework.planner import actions as planner
from spadework.toolbox import catalogue
from spadework.web.auth import app_of, require
from spadework.web.routes import Reply, Router

router = Router("catalog")


class InputReply(Reply):
    """One part of a question."""

    name: str
    label: str


class CapabilityReply(Reply):
    """One question a source answers; the price is the most that asking once can cost."""

    key: str
    label: str
    price_credits: float
    price_micro_usd: int
    call_class: str
    is_miss_charged: bool
    inputs: list[InputReply]
    needs: list[list[str]]
    outputs: list[str]


class KeyFieldReply(Reply):
    """One part of a key."""

    name: str
    label: str
    is_secret: bool


class ProviderReply(Reply):
    """One data source; a local one needs no key and costs nothing."""

    key: str
    label: str
    summary: str
    docs_url: str
    is_local: bool
    capabilities: list[CapabilityReply]
    key_fields: list[KeyFieldReply]
    has_key: bool


class ColumnReply(Reply):
    """One kind of column; `settings_schema` is a JSON Schema."""

    key: str
    label: str
    summary: str
    is_computed: bool
    settings_schema: dict[str, Any]


class ModelReply(Reply):
    """One language model; a null price is not known, which is not free."""

    id: str
    label: str
    input_micro_usd_per_mtok: int | None
    output_micro_usd_per_mtok: int | None
    best_for: str


class LlmReply(Reply):
    """One language model service."""

    key: str
    label: str
    key_fields: list[KeyFieldReply]
    takes_base_url: bool
    is_simulated: bool
    models: list[ModelReply]
    has_key: bool


class FiltersReply(Reply):
    """What can be chosen when finding companies; anything else may be typed too."""

    industries: list[str]
    sizes: list[str]
    countries: list[str]
    us_states: list[str]


class CatalogReply(Reply):
    """Everything there is to choose from."""

    providers: list[ProviderReply]
    columns: list[ColumnReply]
    llms: list[LlmReply]
    filters: FiltersReply


@router.get("/v3/catalog")
async def get_catalog(request: Request, who: Principal = require("plans.read")) -> CatalogReply:
    """The catalogue, with the account's own prices and which keys it has."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await catalogue.load(tx)
    return CatalogReply(
        providers=[ProviderReply.model_validate(each) for each in found.providers],
        columns=[ColumnReply.model_validate(each) for each in found.columns],
        llms=[LlmReply.model_validate(each) for each in found.llms],
        filters=FiltersReply.model_validate(await planner.filter_choices()),
    )
