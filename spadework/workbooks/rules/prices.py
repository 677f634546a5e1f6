"""What one row of a column is expected to cost and at most, from the kinds' asks and the catalogue's prices; pure."""

import math
from collections.abc import Iterable, Sequence

from spadework.core.errors import UnknownReference
from spadework.plug import catalog
from spadework.plug.column import Ask
from spadework.plug.llm import LlmRequest
from spadework.plug.provider import HttpProvider, Provider
from spadework.toolbox.language import worst_price
from spadework.workbooks.types import Market, RowPrice

CONFIRM_ABOVE_MICRO_USD = 1_000_000
"""A run that could cost more than a dollar is confirmed by a person first."""

_CHARACTERS_PER_TOKEN = 4
_SHARE_OF_MAX_TOKENS = 0.3
"""How much of its allowance a reply uses, for the expected price; the worst one counts all of it."""
_TRAINING = "Training mode: the simulator answers for every vendor, and costs nothing."


def price_row(asks: Sequence[Ask], market: Market, *, name: str) -> RowPrice:
    """The price of one row that asks all this, each ask weighed by how likely it is to be reached."""
    parts = [
        (ask, _price_llm(ask, market, name) if ask.provider is None else _price(ask, market, name)) for ask in asks
    ]
    return RowPrice(
        expected_micro_usd=math.ceil(sum(ask.likelihood * each.expected_micro_usd for ask, each in parts)),
        worst_micro_usd=sum(each.worst_micro_usd for _, each in parts),
        providers=_once(text for _, each in parts for text in each.providers),
        warnings=_once(text for _, each in parts for text in each.warnings),
        blockers=_once(text for _, each in parts for text in each.blockers),
    )


def _price(ask: Ask, market: Market, name: str) -> RowPrice:
    assert ask.provider is not None
    try:
        provider = catalog.get(Provider, "provider", ask.provider)
    except UnknownReference as error:
        return RowPrice(blockers=(f"{name} cannot run: {error.message}",))
    capability = provider.find_capability(ask.capability)
    if capability is None:
        return RowPrice(blockers=(f"{name} cannot run: {provider.label} does not offer {ask.capability}.",))
    if not issubclass(provider, HttpProvider):
        return RowPrice(providers=(provider.label,))
    if market.is_training:
        return RowPrice(providers=(provider.label,), warnings=(_TRAINING,))
    if provider.key_fields and provider.key not in market.keys:
        return RowPrice(
            providers=(provider.label,),
            blockers=(
                f"{name} cannot run: there is no key for {provider.label}. Add one in Settings › Keys, "
                "or switch the workbook to training mode.",
            ),
        )
    override = market.keys.get(provider.key)
    usd_per_credit = provider.usd_per_credit if override is None else override
    price = math.ceil(capability.price_credits * usd_per_credit * 1_000_000)
    return RowPrice(expected_micro_usd=price, worst_micro_usd=price, providers=(provider.label,))


def _price_llm(ask: Ask, market: Market, name: str) -> RowPrice:
    llm = market.llm
    if llm is None:
        return RowPrice(blockers=(f"{name} cannot run: add a key in Settings › Language models.",))
    if llm.is_simulated:
        return RowPrice(
            providers=(llm.label,),
            warnings=(f"{llm.label} writes invented answers, marked simulated, and costs nothing.",),
        )
    key = ask.model or market.model
    model = llm.find_model(key)
    if model is None or model.input_micro_usd_per_mtok is None or model.output_micro_usd_per_mtok is None:
        return RowPrice(
            providers=(llm.label,), warnings=(f"The price of the model {key} is not known; it counts as $0 here.",)
        )
    tokens_in = math.ceil(ask.prompt_characters / _CHARACTERS_PER_TOKEN)
    tokens_out = math.ceil(ask.max_tokens * _SHARE_OF_MAX_TOKENS)
    # The same sum as is reserved before the call, so that the worst case here is never below it.
    worst = worst_price(
        llm, LlmRequest(model=key, system="", prompt=" " * ask.prompt_characters, max_tokens=ask.max_tokens)
    )
    expected = tokens_in * model.input_micro_usd_per_mtok + tokens_out * model.output_micro_usd_per_mtok
    return RowPrice(
        expected_micro_usd=min(worst, math.ceil(expected / 1_000_000)), worst_micro_usd=worst, providers=(llm.label,)
    )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
