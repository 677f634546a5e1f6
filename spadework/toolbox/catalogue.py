"""What there is to choose from: data sources, column kinds and language models, with the account's own prices."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from spadework.accounts.actions import credentials
from spadework.core.db import ReadOnly
from spadework.plug import catalog
from spadework.plug.answers import ANSWER_TO
from spadework.plug.column import ColumnKind
from spadework.plug.llm import Llm, LlmModel
from spadework.plug.provider import Capability, HttpProvider, KeyField, LocalProvider, Provider
from spadework.plug.questions import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One part of a question."""

    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityEntry:
    """One question a source answers; prices are what asking it once costs at most."""

    key: str
    label: str
    price_credits: float
    price_micro_usd: int
    call_class: str
    is_miss_charged: bool
    inputs: Sequence[Input]
    needs: Sequence[Sequence[str]]
    outputs: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEntry:
    """One data source. A local one works offline, without key and for nothing."""

    key: str
    label: str
    summary: str
    docs_url: str
    is_local: bool
    capabilities: Sequence[CapabilityEntry]
    key_fields: Sequence[KeyField]
    has_key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnEntry:
    """One kind of column; `settings_schema` is the JSON Schema of its settings."""

    key: str
    label: str
    summary: str
    is_computed: bool
    settings_schema: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmEntry:
    """One language model service."""

    key: str
    label: str
    key_fields: Sequence[KeyField]
    takes_base_url: bool
    is_simulated: bool
    models: Sequence[LlmModel]
    has_key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything a plan may use."""

    providers: Sequence[ProviderEntry]
    columns: Sequence[ColumnEntry]
    llms: Sequence[LlmEntry]


async def load(tx: ReadOnly) -> Catalogue:
    """The catalogue with the account's own keys and prices."""
    stored = await credentials.list_credentials(tx)
    keyed = {(each.kind, each.name) for each in stored}
    prices = {each.name: each.usd_per_credit for each in stored if each.kind == "provider"}
    return Catalogue(
        providers=[
            _provider(each, own_price=prices.get(key), has_key=("provider", key) in keyed)
            for key, each in catalog.load(Provider, "provider").items()
        ],
        columns=[_column(each) for each in catalog.load(ColumnKind, "column").values()],
        llms=[_llm(each, has_key=("llm", key) in keyed) for key, each in catalog.load(Llm, "llm").items()],
    )


def _provider(provider: type[Provider], *, own_price: float | None, has_key: bool) -> ProviderEntry:
    usd = own_price if own_price is not None else provider.usd_per_credit
    return ProviderEntry(
        key=provider.key, label=provider.label, summary=provider.summary, docs_url=provider.docs_url,
        is_local=issubclass(provider, LocalProvider), key_fields=provider.key_fields, has_key=has_key,
        capabilities=[_capability(each, usd if issubclass(provider, HttpProvider) else 0.0)
                      for each in provider.capabilities],
    )  # fmt: skip


def _capability(capability: Capability, usd_per_credit: float) -> CapabilityEntry:
    question = capability.question
    return CapabilityEntry(
        key=question.capability, label=question.label, price_credits=capability.price_credits,
        price_micro_usd=round(capability.price_credits * usd_per_credit * 1_000_000),
        call_class=capability.call_class, is_miss_charged=capability.is_miss_charged,
        inputs=[Input(name=each.name, label=each.name.replace("_", " ").capitalize()) for each in fields(question)],
        needs=capability.needs, outputs=outputs_of(question),
    )  # fmt: skip


def outputs_of(question: type[Question]) -> list[str]:
    """Names of the parts an answer to this question has, apart from the source's own text."""
    return [each.name for each in fields(ANSWER_TO[question.capability]) if each.name != "raw"]


def _column(column: type[ColumnKind]) -> ColumnEntry:
    return ColumnEntry(
        key=column.key, label=column.label, summary=column.summary, is_computed=column.is_computed,
        settings_schema=column.settings.model_json_schema(),
    )  # fmt: skip


def _llm(llm: type[Llm], *, has_key: bool) -> LlmEntry:
    return LlmEntry(
        key=llm.key, label=llm.label, key_fields=llm.key_fields, takes_base_url=llm.takes_base_url,
        is_simulated=llm.is_simulated, models=llm.models, has_key=has_key,
    )  # fmt: skip
