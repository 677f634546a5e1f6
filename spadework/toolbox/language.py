"""How a completion reaches a language model and is paid for: which service, which key, what it may cost."""

import asyncio
from dataclasses import asdict, dataclass, field
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
from spadework.spend.types import CallState, NewCall, Settlement
from spadework.toolbox.meter import CellPlace, Meter, purchase_key

_TRIES_AT_MOST = 3
_REPAIRS = 2
_CHARACTERS_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Completed:
    """A reply, what it cost and where it is in the books."""

    reply: LlmReply
    llm: str
    call_id: UUID
    cost_micro_usd: int


@dataclass
class Language:
    """The language model of one run: the client's choice, else the only one the account has a key for."""

    account_id: UUID
    settings: Settings
    database: Database
    box: Box
    llm: str | None = None
    model: str | None = None
    _found: tuple[Llm, LlmConnection, str] | None = field(default=None)

    async def complete(self, request: LlmRequest, meter: Meter, place: CellPlace) -> Completed:
        """One completion, reserved at its worst price before it leaves.

        Raises:
            Misconfigured: no language model is set up. OutOfBudget, Halted, FateUnknown as for any call.
            ProviderRefused, InvalidInput: the service refused, or never satisfied the schema.
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
        grant = await meter.intend(call)
        if grant.known is not None:
            return Completed(_reply(grant.known.response), llm.key, grant.call_id, 0)
        reply = await self._send(llm, connection, asked, call, meter)
        cost = reply.cost_micro_usd or 0
        _end(meter, call, "ok", cost, reply=reply)
        return Completed(reply, llm.key, call.id, cost)

    async def _send(
        self, llm: Llm, connection: LlmConnection, request: LlmRequest, call: NewCall, meter: Meter
    ) -> LlmReply:
        for attempt in range(1, _TRIES_AT_MOST + 1):
            if meter.is_closed:
                _end(meter, call, "void", 0, error="stopped before it left")
                raise Halted("The run was stopped.")
            meter.journal.sent(call.id)
            try:
                reply = await llm.complete(request, connection)
                meter.journal.reply(call.id, orjson.dumps(_fields(reply), default=str))
                return reply
            except TooFast as error:
                wait_seconds = float(error.details.get("retry_after_seconds") or 2**attempt)
                if attempt == _TRIES_AT_MOST:
                    _end(meter, call, "failed", 0, error=error.message)
                    raise
                await asyncio.sleep(min(wait_seconds, 120))
            except ProviderUnavailable as error:
                # A status that came back is an error the services do not bill; silence is another matter.
                is_unbilled = error.details.get("sent") is False or error.details.get("status") is not None
                if not is_unbilled:
                    _end(meter, call, "unknown", 0, error=error.message)
                    raise FateUnknown(f"{error.message} Whether it was charged is not known.") from error
                if attempt == _TRIES_AT_MOST:
                    _end(meter, call, "failed", 0, error=error.message)
                    raise
                await asyncio.sleep(2**attempt / 2)
            except SpadeworkError as error:
                # A reply that never satisfied the schema was paid for all the same.
                cost = int(error.details.get("cost_micro_usd") or 0)
                _end(meter, call, "failed", cost, error=error.message)
                raise
        raise AssertionError("the loop returns or raises")

    async def _choose(self) -> tuple[Llm, LlmConnection, str]:
        if self._found is None:
            self._found = await self._look_up()
        return self._found

    async def _look_up(self) -> tuple[Llm, LlmConnection, str]:
        async with self.database.read(self.account_id) as tx:
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
    return once * (1 + _REPAIRS)


def _end(
    meter: Meter, call: NewCall, state: CallState, cost: int, *, reply: LlmReply | None = None, error: str | None = None
) -> None:
    meter.end(
        Settlement(
            call_id=call.id, state=state, settled_micro_usd=cost, reserved_micro_usd=call.reserved_micro_usd,
            provider=call.provider, capability=call.capability, is_simulated=call.is_simulated, field_id=call.field_id,
            response=RawJson(orjson.dumps(_fields(reply), default=str).decode()) if reply else None, error=error,
        )
    )  # fmt: skip


def _reply(stored: Any) -> LlmReply:
    return LlmReply(**{key: value for key, value in stored.items() if key in LlmReply.__dataclass_fields__})


def _fields(value: LlmRequest | LlmReply) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
