"""*Test connection*: finds out by trying what a service, a compatible server or a proxy can do.

The lines named like a key of `LlmConnection.features` carry the value to store there as their detail:
`structured_output` (json_schema, json_object, tool or prompt: the most binding way that worked) and
`usage` (yes or no: without it costs and token limits are unknown).
"""

from spadework.core.errors import SpadeworkError
from spadework.llms import _request
from spadework.plug.llm import Llm, LlmConnection, LlmProbe, LlmReply, LlmRequest

_SCHEMA = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "green"]}, "count": {"type": "integer"}},
    "required": ["colour", "count"],
    "additionalProperties": False,
}


async def probe(llm: Llm, connection: LlmConnection, *, model: str) -> list[LlmProbe]:
    """At most five small calls; stops after the first when the key or the address is wrong."""
    try:
        reply = await llm.complete(
            LlmRequest(model=model, system="You test a connection.", prompt="Say hello.", max_tokens=256),
            connection,
        )
    except SpadeworkError as error:
        return [LlmProbe(name="completion", is_ok=False, detail=error.message)]
    lines = [
        LlmProbe(name="completion", is_ok=True, detail=f"{reply.model or model} answered"),
        _usage_line(reply),
    ]
    for mode in _request.MODES:
        line = await _try_mode(llm, connection, model, mode)
        lines.append(line)
        if line.is_ok:
            lines.append(LlmProbe(name="structured_output", is_ok=True, detail=mode))
            return lines
    lines.append(LlmProbe(name="structured_output", is_ok=False, detail="no way of asking for JSON worked"))
    return lines


def _usage_line(reply: LlmReply) -> LlmProbe:
    has_usage = reply.input_tokens > 0 and reply.output_tokens > 0
    return LlmProbe(name="usage", is_ok=has_usage, detail="yes" if has_usage else "no")


async def _try_mode(llm: Llm, connection: LlmConnection, model: str, mode: str) -> LlmProbe:
    request = LlmRequest(
        model=model,
        system="You test a connection. Answer as the schema says.",
        prompt="Three red apples lie on the table. Which colour, and how many?",
        output_schema=_SCHEMA,
        max_tokens=256,
    )
    try:
        reply = await llm.complete(request, _request.with_mode(connection, mode))
    except SpadeworkError as error:
        return LlmProbe(name=f"structured_output:{mode}", is_ok=False, detail=error.message)
    # One that needed repairing would be paid for twice on every row.
    detail = "worked at once" if reply.attempts == 1 else f"only after {reply.attempts} attempts"
    return LlmProbe(name=f"structured_output:{mode}", is_ok=reply.attempts == 1, detail=detail)
