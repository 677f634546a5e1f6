"""How a completion reaches a language model and is paid for: which service, which key, what it may cost."""

import asyncio
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from spadework.accounts.actions import credentials as accounts
from spadework.core import money
from spadework.core.config import Settings
from spadework.core.db import Database, RawJson
from spadework.core.errors import (
    FateUnknown,
    Halted,
    Misconfigured,
    OutOfBudget,
    ProviderUnavailable,
    SpadeworkError,
    TooFast,
)
from spadework.core.ids import new_id
from spadework.core.secrets import Box
from spadework.plug import catalog
from spadework.plug.llm import Llm, LlmConnection, LlmReply, LlmRequest
from spadework.runs.opening import Opening
from spadework.spend.types import CallState, NewCall, Settlement
from spadework.toolbox.meter import CellPlace, Meter, purchase_key
from spadework.toolbox.sharing import Shared

_TRIES_AT_MOST = 3
_CHARACTERS_PER_TOKEN = 3
_WAIT_AT_MOST_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How one completion ended: its reply, or the error that stands for it, and where it is in the books.

    `state` is that of the call. `cost_micro_usd` is the asking cell's own; an answer that was bought for
    another cell or run `is_reused` and costs nothing.
    """

    llm: str
    model: str
    state: CallState
    call_id: UUID
    cost_micro_usd: int = 0
    is_simulated: bool = False
    is_reused: bool = False
    reply: LlmReply | None = None
    error: SpadeworkError | None = None

    def attempt(self, request: LlmRequest, started: datetime) -> dict[str, Any]:
        """What the asking cell's evidence keeps of it."""
        reply, details = self.reply, self.error.details if self.error else {}
        return {
            "provider": self.llm, "capability": "complete", "call_id": str(self.call_id),
            "call_class": "B", "state": self.state, "outcome": "found" if self.state == "ok" else self.state,
            "message": self.error.message if self.error else "", "cost_micro_usd": self.cost_micro_usd,
            "is_simulated": self.is_simulated, "started_at": started.isoformat(), "model": self.model,
            "system": request.system, "prompt": request.prompt,
            "raw_output": reply.text if reply else details.get("text"),
            "input_tokens": reply.input_tokens if reply else details.get("input_tokens"),
            "output_tokens": reply.output_tokens if reply else details.get("output_tokens"),
            "elapsed_ms": round((datetime.now(UTC) - started).total_seconds() * 1000),
            **({"is_reused": True} if self.is_reused else {}),
        }  # fmt: skip


@dataclass
class Language:
    """The language model of one run: the client's choice, else the only one the account has a key for."""

    account_id: UUID
    settings: Settings
    database: Database
    box: Box
    llm: str | None = None
    model: str | None = None
    script: str | None = None
    """A recording to play with the simulated model, whatever the account has keys for; its own script comes first."""
    _found: tuple[Llm, LlmConnection, str] | None = field(default=None)
    _shared: Shared[Completed] = field(default_factory=Shared)

    async def complete(
        self, request: LlmRequest, meter: Meter, place: CellPlace, *, opening: Opening | None = None
    ) -> Completed:
        """How one completion ended, reserved at its worst price before it left; cells that ask the same share it.

        The record of the step that asks is begun before, in the commit of the intent where it was put off.

        A refusal, a reply that never satisfied the schema and a call whose fate is not known come back
        as `error`, for the cell to note and to raise.

        Raises:
            Misconfigured: no language model is set up. OutOfBudget, Halted as for any call: nothing left.
        """
        llm, connection, default_model = await self._choose()
        asked = LlmRequest(**{**_fields(request), "model": request.model or default_model})
        identity = purchase_key(llm.key, connection.base_url, _fields(asked))
        call = NewCall(
            id=new_id(), key=purchase_key(self.account_id, asdict(place), identity), question_sha256=identity,
            row_id=place.row_id, field_id=place.field_id, provider=llm.key, capability="complete", call_class="B",
            reserved_micro_usd=worst_price(llm, asked), is_simulated=llm.is_simulated,
            request={"model": asked.model, "max_tokens": asked.max_tokens},
        )  # fmt: skip
        if asked.max_cost_micro_usd is not None and call.reserved_micro_usd > asked.max_cost_micro_usd:
            raise OutOfBudget(
                f"One row may cost up to {money.show(call.reserved_micro_usd)}, more than the column's limit of"
                f" {money.show(asked.max_cost_micro_usd)}. Raise the limit, or lower the column's longest reply."
            )
        done, is_anothers = await self._shared.ask(
            identity, lambda: self._buy(llm, connection, asked, call, meter, opening)
        )
        return replace(done, cost_micro_usd=0, is_reused=True) if is_anothers else done

    async def _buy(
        self, llm: Llm, connection: LlmConnection, request: LlmRequest, call: NewCall, meter: Meter,
        opening: Opening | None,
    ) -> Completed:  # fmt: skip
        done = Completed(llm=llm.key, model=request.model, state="ok", call_id=call.id, is_simulated=llm.is_simulated)
        try:
            grant = await meter.intend(call, opening=opening)
        except FateUnknown as error:
            return replace(done, state="unknown", call_id=UUID(error.details["call_id"]), error=error)
        if (known := grant.known) is not None:
            # This cell's own purchase, of an attempt that ended early, is this cell's cost; another's is not.
            cost = (known.settled_micro_usd or 0) if known.key == call.key else 0
            return replace(
                done, call_id=known.id, cost_micro_usd=cost, is_reused=True, **_answered(_reply(known.response))
            )  # fmt: skip
        try:
            reply = await self._send(llm, connection, request, call, meter)
        except Halted:
            self._end(meter, call, "void", 0, error="stopped before it left")
            raise
        except SpadeworkError as error:
            # A reply that never satisfied the schema was paid for all the same.
            state: CallState = "unknown" if isinstance(error, FateUnknown) else "failed"
            cost = _paid(error) if state == "failed" else 0
            self._end(meter, call, state, cost, error=error.message)
            return replace(done, state=state, cost_micro_usd=cost, error=error)
        self._end(meter, call, "ok", reply.cost_micro_usd or 0, reply=reply)
        return replace(done, cost_micro_usd=reply.cost_micro_usd or 0, **_answered(reply))

    async def _send(
        self, llm: Llm, connection: LlmConnection, request: LlmRequest, call: NewCall, meter: Meter
    ) -> LlmReply:
        for attempt in range(1, _TRIES_AT_MOST + 1):
            if meter.is_closed:
                raise Halted("The run was stopped.")
            meter.journal.sent(call.id)
            try:
                reply = await llm.complete(request, connection)
                meter.journal.reply(call.id, orjson.dumps(_fields(reply), default=str))
                return reply
            except (TooFast, ProviderUnavailable) as error:
                # A status that came back is an error the services do not bill; silence is another matter.
                is_unbilled = error.details.get("sent") is False or error.details.get("status") is not None
                if isinstance(error, ProviderUnavailable) and not is_unbilled:
                    raise FateUnknown(
                        f"{error.message} Whether it was charged is not known.", details=error.details
                    ) from error
                # What was reserved is the price of one go with its repairs, so one that was paid for is the last.
                if attempt == _TRIES_AT_MOST or _paid(error):
                    raise
                await asyncio.sleep(_wait_seconds(error, attempt))
        raise AssertionError("the loop returns or raises")

    def _end(
        self, meter: Meter, call: NewCall, state: CallState, cost: int, *, reply: LlmReply | None = None,
        error: str | None = None,
    ) -> None:  # fmt: skip
        meter.end(
            Settlement(
                call_id=call.id, state=state, settled_micro_usd=cost, reserved_micro_usd=call.reserved_micro_usd,
                provider=call.provider, capability=call.capability, is_simulated=call.is_simulated,
                field_id=call.field_id, error=error,
                response=RawJson(orjson.dumps(_fields(reply), default=str).decode()) if reply else None,
            ),
            when_written=lambda: self._shared.forget(call.question_sha256),
        )  # fmt: skip
        self._shared.hold(call.question_sha256)

    async def _choose(self) -> tuple[Llm, LlmConnection, str]:
        if self._found is None:
            self._found = await self._look_up()
        return self._found

    async def _look_up(self) -> tuple[Llm, LlmConnection, str]:
        async with self.database.read(self.account_id) as tx:
            if self.script is not None:
                own = await accounts.read_credential(tx, self.box, "llm", "scripted")
                player = catalog.get(Llm, "llm", "scripted")()  # type: ignore[type-abstract]
                script = {"script_path": self.script, **({k: v for k, v in own.values.items() if v} if own else {})}
                return player, LlmConnection(credentials=script), player.models[0].id
            stored = {each.name for each in await accounts.list_credentials(tx) if each.kind == "llm"}
            key = self.llm if self.llm in stored or self.llm == "scripted" else next(iter(sorted(stored)), None)
            if key is None:
                raise Misconfigured("No language model is set up. Add one in Settings › Language models.")
            credential = await accounts.read_credential(tx, self.box, "llm", key)
        llm = catalog.get(Llm, "llm", key)()  # type: ignore[type-abstract]
        connection = LlmConnection(
            base_url=self.settings.llm_base_url or (credential.base_url if credential else None),
            credentials=dict(credential.values) if credential else {},
            features=dict(credential.features) if credential else {},
        )
        chosen = self.model or connection.features.get("default_model") or (llm.models[0].id if llm.models else "")
        return llm, connection, str(chosen)


def worst_price(llm: Llm, request: LlmRequest) -> int:
    """The most one completion with its repairs can cost, in micro-dollars; 0 when the price is not known."""
    model = llm.find_model(request.model)
    if llm.is_simulated or model is None:
        return 0
    input_tokens = (len(request.system) + len(request.prompt)) // _CHARACTERS_PER_TOKEN + 500
    once = (
        input_tokens * (model.input_micro_usd_per_mtok or 0)
        + request.max_tokens * (model.output_micro_usd_per_mtok or 0)
    ) // 1_000_000 + 1
    return once * (1 + request.repairs_at_most)


def _wait_seconds(error: SpadeworkError, attempt: int) -> float:
    """How long before the next try: what the service asked for, else longer each time."""
    if isinstance(error, TooFast):
        return min(float(error.details.get("retry_after_seconds") or 2**attempt), _WAIT_AT_MOST_SECONDS)
    return float(2**attempt) / 2


def _paid(error: SpadeworkError) -> int:
    """Micro-dollars for the replies that came before the error."""
    return int(error.details.get("cost_micro_usd") or 0)


def _answered(reply: LlmReply) -> dict[str, Any]:
    return {"reply": reply, "model": reply.model, "is_simulated": reply.is_simulated}


def _reply(stored: Any) -> LlmReply:
    return LlmReply(**{key: value for key, value in stored.items() if key in LlmReply.__dataclass_fields__})


def _fields(value: LlmRequest | LlmReply) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
