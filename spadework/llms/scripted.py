"""A pretended language model: repeatable answers without network or cost, for tests, demos and training."""

import asyncio
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from spadework.core.errors import InvalidInput, ProviderRefused, ProviderUnavailable, SpadeworkError, TooFast
from spadework.llms import _answer
from spadework.plug import departures
from spadework.plug.llm import Llm, LlmConnection, LlmModel, LlmProbe, LlmReply, LlmRequest
from spadework.plug.provider import KeyField
from spadework.plug.samples import MARK, invent, seed_of

_ERRORS: Mapping[str, type[SpadeworkError]] = {
    "too_fast": TooFast,
    "refused": ProviderRefused,
    "unavailable": ProviderUnavailable,
    "invalid": InvalidInput,
}


class Line(BaseModel):
    """One line of a script file: the first whose `match` occurs in the purpose, system text or prompt answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: str = ""
    reply: Any = None
    error: str | None = None
    delay_seconds: float = 0.0


_SCRIPT = TypeAdapter(tuple[Line, ...])


class Scripted(Llm):
    """Invents what the schema asks for, every text marked SIMULATED; or plays the file at `script_path`.

    The file is a JSON list of `{match, reply | error, delay_seconds}`; `reply` is text or any JSON,
    `error` one of too_fast, refused, unavailable, invalid. A folder plays its `.json` files in the order
    of their names. Never chosen unless somebody chooses it.
    """

    key = "scripted"
    label = "Simulated model"
    key_fields = (KeyField(name="script_path", label="Script file (optional)", is_secret=False),)
    is_simulated = True
    models = (
        LlmModel(
            id="scripted-small",
            label="Simulated, small",
            input_micro_usd_per_mtok=0,
            output_micro_usd_per_mtok=0,
            best_for="seeing how a run looks, without cost; its answers mean nothing",
        ),
    )

    async def complete(self, request: LlmRequest, connection: LlmConnection) -> LlmReply:
        if departures.is_heard():
            await departures.tell(_body(request))
        line = _find_line(request, connection.credentials.get("script_path", ""))
        if line:
            await asyncio.sleep(line.delay_seconds)
            if line.error:
                raise _error(line.error)
        if line and line.reply is not None:
            text = line.reply if isinstance(line.reply, str) else json.dumps(line.reply, ensure_ascii=False)
        else:
            text = _invented(request)
        return LlmReply(
            text=text,
            parsed=_parsed(text, request),
            input_tokens=(len(request.system) + len(request.prompt)) // 4,
            output_tokens=len(text) // 4,
            cost_micro_usd=0,
            model=request.model,
            stop_reason="end",
            is_simulated=True,
        )

    async def probe(self, connection: LlmConnection, *, model: str) -> list[LlmProbe]:
        path = connection.credentials.get("script_path", "")
        if path:
            try:
                script = await asyncio.to_thread(_read_script, path)
            except InvalidInput as error:
                return [LlmProbe(name="completion", is_ok=False, detail=error.message)]
            return [LlmProbe(name="completion", is_ok=True, detail=f"the script has {len(script)} lines")]
        return [LlmProbe(name="completion", is_ok=True, detail="answers are invented, nothing leaves the house")]


def _body(request: LlmRequest) -> bytes:
    """What a real service would be sent of the request."""
    said = {
        "model": request.model, "system": request.system, "prompt": request.prompt, "max_tokens": request.max_tokens,
        "temperature": request.temperature, "output_schema": request.output_schema,
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False).encode()


def _find_line(request: LlmRequest, path: str) -> Line | None:
    if not path:
        return None
    said = f"{request.purpose}\n{request.system}\n{request.prompt}"
    # Not in a thread: a look at a few files takes less than a thread waits for a loop that is busy.
    script = _read_script(path)
    return next((each for each in script if each.match in said), None)


def _read_script(path: str) -> tuple[Line, ...]:
    folder = Path(path)
    files = sorted(folder.glob("*.json")) if folder.is_dir() else [folder]
    return tuple(line for each in files for line in _read_file(each))


def _read_file(path: Path) -> tuple[Line, ...]:
    try:
        state = path.stat()
        return _read_state(path, state.st_mtime_ns, state.st_size)
    except (OSError, ValidationError) as error:
        raise InvalidInput(
            f"The script {path} cannot be used: {error}. It must be a JSON list of objects with match and reply."
        ) from error


@lru_cache(maxsize=256)
def _read_state(path: Path, changed_ns: int, size: int) -> tuple[Line, ...]:
    """The file as it was when last changed; a script is asked for every reply, and is read once."""
    return _SCRIPT.validate_json(path.read_bytes())


def _error(name: str) -> SpadeworkError:
    if name not in _ERRORS:
        return InvalidInput(f"The script asks for an error {name!r}. There are: {', '.join(_ERRORS)}.")
    details = {"sent": True, "retry_after_seconds": 1.0} if name == "too_fast" else {"sent": True}
    return _ERRORS[name](f"{MARK}: the script answers with the error {name!r}.", details=details)


def _invented(request: LlmRequest) -> str:
    seed = seed_of(request.model, request.system, request.prompt)
    if request.output_schema is None:
        return str(invent({"type": "string"}, seed))
    return json.dumps(invent(request.output_schema, seed), ensure_ascii=False)


def _parsed(text: str, request: LlmRequest) -> Any:
    if request.output_schema is None:
        return None
    answer = _answer.read(text, request.output_schema)
    if answer.errors:
        raise InvalidInput(
            f"The simulated reply does not satisfy the schema: {answer.errors[0]} Correct the script.",
            details={"reason": "schema", "text": text, "errors": list(answer.errors), "attempts": 1},
        )
    return answer.value
