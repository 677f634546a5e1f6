"""One completion over an open line: rate, schema, repair, usage and price; the services share it."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING, Any

from spadework.core.errors import InvalidInput, SpadeworkError, TooFast
from spadework.llms import _answer, _errors, _line
from spadework.plug.llm import Llm, LlmConnection, LlmReply, LlmRequest

if TYPE_CHECKING:
    from httpx2 import AsyncClient
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.settings import ModelSettings

MODES = ("json_schema", "json_object", "tool", "prompt")
"""How a schema can reach a model, the most binding first; `features["structured_output"]` is one of them."""

_PAUSE_SECONDS = 2.0
_ANSWER = "answer"
_CHARACTERS_PER_TOKEN = 3  # on the safe side: English has about four, other scripts fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What differs between services: `prices_as` is the name under which genai-prices knows this one.

    `settings` holds the service's own settings for one request in a mode; sampling only where allowed.
    """

    label: str
    prices_as: str
    connect: "Callable[[_line.Address, AsyncClient], Model]"
    settings: "Callable[[LlmRequest, str, Mapping[str, Any] | None], ModelSettings]"


@dataclass(slots=True)
class _Tally:
    """What the attempts of one completion have used so far; all of it was paid for."""

    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = Decimal(0)
    texts: list[str] = field(default_factory=list)

    @property
    def cost_micro_usd(self) -> int | None:
        if self.cost is None:
            return None
        return int((self.cost * 1_000_000).to_integral_value(rounding=ROUND_UP))

    def as_details(self) -> dict[str, Any]:
        return {
            "attempts": self.attempts,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost_micro_usd": self.cost_micro_usd,
        }


async def complete(
    llm: Llm, service: Service, address: _line.Address, request: LlmRequest, connection: LlmConnection
) -> LlmReply:
    """The reply, valid against the request's schema; at most as many repairs as asked for, each with the reasons fed back.

    Every error raised after a paid attempt holds `attempts`, `input_tokens`, `output_tokens` and
    `cost_micro_usd` in its details, so that what was spent is booked although nothing came of it.

    Raises:
        InvalidInput: no attempt satisfied the schema, the reply was cut at `max_tokens`, or the model
            declined; `details["text"]` is its last text, `details["errors"]` the reasons.
        TooFast, ProviderRefused, ProviderUnavailable: see `_errors.translated`.
    """
    line = _line.line_to(address, service.connect)
    schema = None if request.output_schema is None else _answer.spell_out(request.output_schema)
    mode = _mode(line.model, connection, schema)
    messages = _opening(request, mode, schema)
    tally = _Tally()
    try:
        while True:
            response = await _attempt(llm, service, line, mode, schema, messages, request, connection, tally)
            text = _text(response)
            tally.texts.append(text)
            _require_whole(service, request, response, text)
            if request.output_schema is None:
                return _reply(response, text, None, tally, request)
            answer = _answer.read(text, request.output_schema)
            if not answer.errors:
                return _reply(response, text, answer.value, tally, request)
            if tally.attempts > request.repairs_at_most:
                raise InvalidInput(
                    f"{service.label} did not answer in the asked form in {tally.attempts} attempts: "
                    f"{answer.errors[0]} Simplify the output fields or choose a stronger model.",
                    details={"reason": "schema", "text": text, "errors": list(answer.errors), "sent": True},
                )
            messages = [*messages, *_repair(request, mode, schema, text, answer.errors)]
    except SpadeworkError as error:
        error.details.update({name: value for name, value in tally.as_details().items() if tally.attempts})
        raise


async def _attempt(
    llm: Llm,
    service: Service,
    line: _line.Line,
    mode: str,
    schema: Mapping[str, Any] | None,
    messages: "Sequence[ModelMessage]",
    request: LlmRequest,
    connection: LlmConnection,
    tally: _Tally,
) -> "ModelResponse":
    from pydantic_ai.direct import model_request

    estimate = _estimate(request, tally)
    reservation = await line.bucket.reserve(estimate, max_wait_seconds=connection.timeout_seconds)
    try:
        with _errors.translated(service.label, connection.timeout_seconds):
            async with asyncio.timeout(connection.timeout_seconds):
                response = await model_request(
                    line.model,
                    list(messages),
                    model_settings=service.settings(request, mode, schema),
                    model_request_parameters=_parameters(mode, schema),
                )
    except TooFast as error:
        line.bucket.pause(error.details.get("retry_after_seconds") or _PAUSE_SECONDS)
        raise
    except SpadeworkError as error:
        if error.details.get("sent") is False:
            line.bucket.reconcile(reservation, dict.fromkeys(estimate, 0))
        raise
    usage = response.usage
    tally.attempts += 1
    tally.input_tokens += usage.input_tokens
    tally.output_tokens += usage.output_tokens
    cost = _cost(llm, service, response, request.model)
    tally.cost = None if cost is None or tally.cost is None else tally.cost + cost
    if not usage.unmeasured_requests:
        used = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
        line.bucket.reconcile(reservation, used | {"tokens": sum(used.values())})
    return response


# --- what is sent --------------------------------------------------------------------------------


def _mode(model: "Model", connection: LlmConnection, schema: Mapping[str, Any] | None) -> str:
    if schema is None:
        return "text"
    mode = connection.features.get("structured_output", "json_schema")
    if mode == "json_schema" and not model.profile.get("supports_json_schema_output"):
        return "tool"
    return mode if mode in MODES else "prompt"


def _parameters(mode: str, schema: Mapping[str, Any] | None) -> "ModelRequestParameters":
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition
    from pydantic_ai.tools import ToolDefinition

    if schema is not None and mode == "json_schema":
        return ModelRequestParameters(
            output_mode="native", output_object=OutputObjectDefinition(json_schema=dict(schema), name=_ANSWER)
        )
    if schema is not None and mode == "tool":
        tool = ToolDefinition(
            name=_ANSWER,
            description="Give the answer; call this exactly once.",
            parameters_json_schema=dict(schema),
            kind="output",
        )
        return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)
    return ModelRequestParameters()


def _opening(request: LlmRequest, mode: str, schema: Mapping[str, Any] | None) -> "list[ModelMessage]":
    from pydantic_ai.messages import ModelRequest, UserPromptPart

    return [
        ModelRequest(parts=[UserPromptPart(request.prompt)], instructions=_instructions(request.system, mode, schema))
    ]


def _instructions(system: str, mode: str, schema: Mapping[str, Any] | None) -> str:
    if mode not in ("json_object", "prompt"):
        return system
    told = json.dumps(schema, ensure_ascii=False)
    return f"{system}\n\nAnswer with one JSON object and nothing else. It satisfies this JSON Schema:\n{told}"


def _repair(
    request: LlmRequest, mode: str, schema: Mapping[str, Any] | None, text: str, errors: Sequence[str]
) -> "list[ModelMessage]":
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart

    reasons = "\n".join(f"- {each}" for each in errors)
    told = f"That does not satisfy the JSON Schema:\n{reasons}\nGive the corrected JSON object, nothing else."
    return [
        ModelResponse(parts=[TextPart(text or "(empty)")]),
        ModelRequest(parts=[UserPromptPart(told)], instructions=_instructions(request.system, mode, schema)),
    ]


def _estimate(request: LlmRequest, tally: _Tally) -> dict[str, float]:
    characters = len(request.system) + len(request.prompt) + 2 * sum(len(each) for each in tally.texts)
    prompt_tokens = characters / _CHARACTERS_PER_TOKEN
    return {
        "requests": 1,
        "input_tokens": prompt_tokens,
        "output_tokens": request.max_tokens,
        "tokens": prompt_tokens + request.max_tokens,
    }


# --- what came back ------------------------------------------------------------------------------


def _text(response: "ModelResponse") -> str:
    for call in response.tool_calls:
        if call.tool_name == _ANSWER:
            return call.args_as_json_str()
    return response.text or ""


def _require_whole(service: Service, request: LlmRequest, response: "ModelResponse", text: str) -> None:
    """A repair would be cut or declined again, and paid for again, so these end at once."""
    if response.finish_reason == "content_filter":
        raise InvalidInput(
            f"{service.label} declined to answer for this row. Reword the prompt or skip the row.",
            details={"reason": "declined", "text": text, "errors": ["the model declined"], "sent": True},
        )
    if response.finish_reason == "length" and request.output_schema is not None:
        raise InvalidInput(
            f"The reply was cut at {request.max_tokens} tokens. Raise the column's limit or ask for less.",
            details={"reason": "cut", "text": text, "errors": ["cut at max_tokens"], "sent": True},
        )


def _reply(response: "ModelResponse", text: str, parsed: Any, tally: _Tally, request: LlmRequest) -> LlmReply:
    details = response.provider_details or {}
    return LlmReply(
        text=text,
        parsed=parsed,
        input_tokens=tally.input_tokens,
        output_tokens=tally.output_tokens,
        cost_micro_usd=tally.cost_micro_usd,
        attempts=tally.attempts,
        model=response.model_name or request.model,
        stop_reason=str(details.get("finish_reason") or response.finish_reason or ""),
        raw={
            "id": response.provider_response_id,
            "texts": list(tally.texts),
            "cache_read_tokens": response.usage.cache_read_tokens,
            "cache_write_tokens": response.usage.cache_write_tokens,
        },
    )


def _cost(llm: Llm, service: Service, response: "ModelResponse", asked_for: str) -> Decimal | None:
    """Dollars for one reply; None when the reply held no usage or nobody knows the model's price."""
    from genai_prices import calc_price

    usage = response.usage
    if usage.unmeasured_requests:
        return None
    for name in (response.model_name, asked_for):
        try:
            if name:
                return calc_price(usage, name, provider_id=service.prices_as).total_price
        except (LookupError, ValueError):
            continue  # not in the list, or a self-hosted server's counts do not add up
    known = llm.find_model(asked_for)
    if known is None or known.input_micro_usd_per_mtok is None or known.output_micro_usd_per_mtok is None:
        return None
    micro = usage.input_tokens * known.input_micro_usd_per_mtok + usage.output_tokens * known.output_micro_usd_per_mtok
    return Decimal(micro) / 10**12


def with_mode(connection: LlmConnection, mode: str) -> LlmConnection:
    """The same connection, sending schemas in that mode."""
    return replace(connection, features={**connection.features, "structured_output": mode})
