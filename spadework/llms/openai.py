"""OpenAI, and every server that speaks its chat completions: vLLM, Ollama, llama.cpp, LM Studio, proxies."""

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

_BASE_URL = "https://api.openai.com/v1"
_NO_KEY = "none"  # the SDK insists on a key; a server of one's own often has none


class OpenAI(Llm):
    """OpenAI's own API, or any compatible server at `base_url` (ending in `/v1` as a rule)."""

    key = "openai"
    label = "OpenAI or compatible"
    docs_url = "https://platform.openai.com/docs/api-reference/chat"
    key_fields = (KeyField(name="api_key", label="API key (may be empty for a server of your own)"),)
    takes_base_url = True
    # Prices per million tokens, read 2026-11; a test compares them with genai-prices.
    models = (
        LlmModel(
            id="gpt-5.2",
            label="GPT-5.2",
            input_micro_usd_per_mtok=1_750_000,
            output_micro_usd_per_mtok=14_000_000,
            context_tokens=400_000,
            best_for="writing and judgement: drafts, research, plans",
        ),
        LlmModel(
            id="gpt-5-mini",
            label="GPT-5 mini",
            input_micro_usd_per_mtok=250_000,
            output_micro_usd_per_mtok=2_000_000,
            context_tokens=400_000,
            best_for="columns over many rows: classify, extract, score",
        ),
    )

    async def complete(self, request: LlmRequest, connection: LlmConnection) -> LlmReply:
        key = connection.credentials.get("api_key", "")
        if not key and not connection.base_url:
            raise ProviderRefused(
                "There is no OpenAI key. Add one in Settings › Keys or run `spadework keys set openai`.",
                details={"sent": False, "reason": "no_key"},
            )
        address = Address(self.key, connection.base_url or _BASE_URL, key or _NO_KEY, request.model)
        return await _request.complete(self, _SERVICE, address, request, connection)

    async def probe(self, connection: LlmConnection, *, model: str) -> list[LlmProbe]:
        return await _probe.probe(self, connection, model=model)


def _connect(address: Address, http: "AsyncClient") -> "Model":
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider

    client = AsyncOpenAI(
        api_key=address.api_key,
        base_url=address.base_url,
        http_client=http,
        timeout=http.timeout,
        max_retries=0,  # the toolbox retries; retries in here would be invisible to its limits
    )
    # OpenAI wants `max_completion_tokens`; many compatible servers know only `max_tokens` and would
    # silently write without end (Ollama and llama.cpp, 2026-11).
    is_own = address.base_url == _BASE_URL
    profile = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=is_own)
    return OpenAIChatModel(address.model, provider=OpenAIProvider(openai_client=client), profile=profile)


def _settings(request: LlmRequest, mode: str, schema: Mapping[str, Any] | None) -> "ModelSettings":
    settings: ModelSettings = {"max_tokens": request.max_tokens}
    if request.temperature is not None:
        settings["temperature"] = request.temperature
    if mode == "json_object":
        # llama.cpp's server turns this form into a grammar and rejects OpenAI's own (0.3.36, 2026-11).
        settings["extra_body"] = {"response_format": {"type": "json_object", "schema": schema}}
    if mode == "tool":
        # The same server ignores "required" and obeys only a named tool.
        settings["extra_body"] = {"tool_choice": {"type": "function", "function": {"name": "answer"}}}
    return settings


_SERVICE = _request.Service(label="OpenAI", prices_as="openai", connect=_connect, settings=_settings)
