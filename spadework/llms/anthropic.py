"""Claude, through Anthropic's Messages API."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spadework.core.errors import ProviderRefused
from spadework.llms import _probe, _request
from spadework.llms._line import Address
from spadework.plug.llm import Llm, LlmConnection, LlmModel, LlmProbe, LlmReply, LlmRequest
from spadework.plug.provider import KeyField

if TYPE_CHECKING:
    from httpx2 import AsyncClient
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

_BASE_URL = "https://api.anthropic.com"


class Anthropic(Llm):
    """Anthropic's own API, or a proxy that speaks it at `base_url`."""

    key = "anthropic"
    label = "Anthropic"
    docs_url = "https://docs.anthropic.com/en/api/messages"
    key_fields = (KeyField(name="api_key", label="API key"),)
    takes_base_url = True
    # Prices per million tokens, read 2026-11; a test compares them with genai-prices.
    models = (
        LlmModel(
            id="claude-haiku-4-5",
            label="Claude Haiku 4.5",
            input_micro_usd_per_mtok=1_000_000,
            output_micro_usd_per_mtok=5_000_000,
            context_tokens=200_000,
            best_for="columns over many rows: classify, extract, score",
        ),
        LlmModel(
            id="claude-sonnet-5-5",
            label="Claude Sonnet 5.5",
            input_micro_usd_per_mtok=2_000_000,
            output_micro_usd_per_mtok=10_000_000,
            context_tokens=1_000_000,
            best_for="writing and judgement: drafts, research, plans",
        ),
        LlmModel(
            id="claude-sonnet-5",
            label="Claude Sonnet 5",
            input_micro_usd_per_mtok=2_000_000,
            output_micro_usd_per_mtok=10_000_000,
            context_tokens=1_000_000,
            best_for="writing and judgement",
        ),
        LlmModel(
            id="claude-opus-5",
            label="Claude Opus 5",
            input_micro_usd_per_mtok=5_000_000,
            output_micro_usd_per_mtok=25_000_000,
            context_tokens=1_000_000,
            best_for="the hardest questions, few rows",
        ),
    )

    async def complete(self, request: LlmRequest, connection: LlmConnection) -> LlmReply:
        key = connection.credentials.get("api_key", "")
        if not key:
            raise ProviderRefused(
                "There is no Anthropic key. Add one in Settings › Keys or run `spadework keys set anthropic`.",
                details={"sent": False, "reason": "no_key"},
            )
        address = Address(self.key, connection.base_url or _BASE_URL, key, request.model)
        return await _request.complete(self, _SERVICE, address, request, connection)

    async def probe(self, connection: LlmConnection, *, model: str) -> list[LlmProbe]:
        return await _probe.probe(self, connection, model=model)


def _connect(address: Address, http: "AsyncClient") -> "Model":
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(
        api_key=address.api_key,
        base_url=address.base_url,
        http_client=http,
        timeout=http.timeout,
        max_retries=0,  # the toolbox retries; retries in here would be invisible to its limits
    )
    return AnthropicModel(address.model, provider=AnthropicProvider(anthropic_client=client))


def _settings(request: LlmRequest, mode: str, schema: Mapping[str, Any] | None) -> "ModelSettings":
    # `temperature` is left out although the request may hold one: newer Claude models and the API
    # version of 2026-10-21 answer 400 to every sampling setting. Caching of prompts is not asked for:
    # writing to the cache costs 1.25 times the price that was reserved for the call.
    return {"max_tokens": request.max_tokens}


_SERVICE = _request.Service(label="Anthropic", prices_as="anthropic", connect=_connect, settings=_settings)
