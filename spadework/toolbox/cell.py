"""The metered door for one cell: every question is authorised, paced, paid, recorded and evidenced here."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from spadework.core.db import RawJson
from spadework.core.errors import FateUnknown, Halted, InvalidInput, LimitReached, Misconfigured, ProviderUnavailable
from spadework.core.http import HttpRequest, HttpResponse
from spadework.core.ids import new_id
from spadework.plug import reading
from spadework.plug.llm import LlmReply, LlmRequest
from spadework.plug.provider import Capability, HttpProvider, LocalProvider, Outcome, Pending, Refused
from spadework.plug.questions import Question
from spadework.spend.types import Call, CallState, NewCall, Settlement
from spadework.toolbox.language import Language
from spadework.toolbox.meter import CellPlace, Meter, price_of, purchase_key
from spadework.toolbox.vendors import Exchange, Route, Vendors, shown_request

TRIES_AT_MOST = 3
_BACKOFF_SECONDS = 0.5


@dataclass
class RunDoor:
    """What all cells of one run share: vendors, till, language model and questions under way."""

    account_id: UUID
    vendors: Vendors
    meter: Meter
    language: Language
    is_training: bool
    routes: dict[str, Route] = field(default_factory=dict)
    under_way: dict[bytes, asyncio.Future[Outcome]] = field(default_factory=dict)
    unwritten: set[bytes] = field(default_factory=set)
    """Questions whose calls have ended and are not in the books yet; until then only `under_way` knows the outcome."""

    async def route(self, provider: str) -> Route:
        """Where that provider's questions go in this run, decided once."""
        if provider not in self.routes:
            self.routes[provider] = await self.vendors.route(self.account_id, provider, is_training=self.is_training)
        return self.routes[provider]

    def forget(self, question_sha256: bytes) -> None:
        """The books have this question's outcome from now on."""
        self.unwritten.discard(question_sha256)
        self.under_way.pop(question_sha256, None)

    def cell(self, place: CellPlace) -> "CellToolbox":
        """The door for one cell."""
        return CellToolbox(self, place)


class CellToolbox:
    """Implements `plug.toolbox.Toolbox` for one cell and keeps the evidence of what was asked."""

    __slots__ = ("attempts", "cost_micro_usd", "door", "is_simulated", "place", "provider")

    def __init__(self, door: RunDoor, place: CellPlace) -> None:
        self.door = door
        self.place = place
        self.attempts: list[dict[str, Any]] = []
        self.cost_micro_usd = 0
        self.is_simulated = False
        self.provider: str | None = None

    async def ask(self, provider: str, question: Question) -> Outcome:
        """The outcome of one question; see `plug.toolbox.Toolbox.ask`."""
        found = self.door.vendors.provider(provider)
        capability = found.find_capability(question.capability)
        if capability is None:
            raise InvalidInput(f"{found.label} cannot answer {question.label.lower()!r}. Choose another provider.")
        if isinstance(found, LocalProvider):
            outcome = found.answer(question)
            self._note(provider, capability, outcome, cost=0, is_simulated=False)
            return outcome
        try:
            route = await self.door.route(provider)
        except Misconfigured as error:
            return Refused("bad_key", error.message)
        self.is_simulated = self.is_simulated or route.is_simulated
        if capability.call_class == "C":
            return await self._ask_free(route, capability, question)
        return await self._ask_paid(route, capability, question)

    async def complete(self, request: LlmRequest) -> LlmReply:
        """One completion; see `plug.toolbox.Toolbox.complete`."""
        started = datetime.now(UTC)
        done = await self.door.language.complete(request, self.door.meter, self.place)
        self.cost_micro_usd += done.cost_micro_usd
        self.is_simulated = self.is_simulated or done.is_simulated
        self.provider = done.llm
        self.attempts.append(done.attempt(request, started))
        if done.error is not None:
            raise done.error
        assert done.reply is not None
        return done.reply

    async def _ask_free(self, route: Route, capability: Capability, question: Question) -> Outcome:
        exchange = Exchange(route.provider.request(question))
        try:
            outcome = await self._converse(route, exchange, None)
        except ProviderUnavailable as error:
            outcome = Refused("vendor_down", error.message)
        self._note(route.provider.key, capability, outcome, cost=0, is_simulated=route.is_simulated, exchange=exchange)
        return outcome

    async def _ask_paid(self, route: Route, capability: Capability, question: Question) -> Outcome:
        identity = purchase_key(route.provider.key, route.is_simulated, question.capability, question)
        if (running := self.door.under_way.get(identity)) is not None:
            # The very same thing is being asked right now, or was a moment ago; one purchase serves both.
            outcome = await asyncio.shield(running)
            self._note(route.provider.key, capability, outcome, cost=0, is_simulated=route.is_simulated, reused=True)
            return outcome
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.door.under_way[identity] = future
        try:
            outcome = await self._buy(route, capability, question, identity)
            future.set_result(outcome)
            return outcome
        except BaseException as error:
            if not future.done():
                future.set_exception(error)
                # Nobody may be waiting; an unread exception must not be reported as lost.
                future.exception()
            raise
        finally:
            if identity not in self.door.unwritten:
                del self.door.under_way[identity]

    async def _buy(self, route: Route, capability: Capability, question: Question, identity: bytes) -> Outcome:
        place = self.place
        request = route.provider.request(question)
        worst = round(capability.price_credits * route.micro_usd_per_credit)
        call = NewCall(
            id=new_id(),
            key=purchase_key(
                self.door.account_id, place.table_id, place.row_id, place.field_id, place.settings_version,
                place.generation, identity,
            ),
            question_sha256=identity, row_id=place.row_id, field_id=place.field_id, provider=route.provider.key,
            capability=question.capability, call_class=capability.call_class, reserved_micro_usd=worst,
            is_simulated=route.is_simulated, request=shown_request(request),
        )  # fmt: skip
        grant = await self.door.meter.intend(call)
        if grant.known is not None:
            outcome = outcome_of(route.provider, grant.known)
            # This cell's own purchase, of an attempt that ended early, is this cell's cost; another's is not.
            cost = (grant.known.settled_micro_usd or 0) if grant.known.key == call.key else 0
            self.cost_micro_usd += cost
            self._note(
                route.provider.key, capability, outcome, cost=cost, is_simulated=route.is_simulated,
                call_id=grant.call_id, reused=True,
            )  # fmt: skip
            return outcome
        exchange = Exchange(request)
        try:
            outcome = await self._converse(route, exchange, call)
        except (ProviderUnavailable, LimitReached, InvalidInput) as error:
            return self._end_without_reply(route, capability, call, exchange, error)
        except Halted:
            self._end(call, "void", 0, exchange, error="stopped before it left")
            raise
        cost = price_of(
            outcome, price_credits=capability.price_credits, is_miss_charged=capability.is_miss_charged,
            micro_usd_per_credit=route.micro_usd_per_credit,
        )  # fmt: skip
        if isinstance(outcome, Refused):
            is_doubtful = capability.call_class == "B" and outcome.kind in ("vendor_down", "garbage")
            self._end(call, "unknown" if is_doubtful else "failed", 0, exchange, error=outcome.message)
        else:
            self._end(call, "ok", cost, exchange)
        self.cost_micro_usd += cost
        self._note(
            route.provider.key, capability, outcome, cost=cost, is_simulated=route.is_simulated, call_id=call.id,
            exchange=exchange,
        )  # fmt: skip
        if isinstance(outcome, Refused) and capability.call_class == "B" and outcome.kind in ("vendor_down", "garbage"):
            raise FateUnknown(f"{route.provider.label} answered unclearly; whether it charged is not known.")
        return outcome

    async def _converse(self, route: Route, exchange: Exchange, call: NewCall | None) -> Outcome:
        """Send until an outcome: throttling and outages are waited for, a few times, then reported."""
        outcome: Outcome = Refused("vendor_down", "not asked")
        for attempt in range(1, TRIES_AT_MOST + 1):
            await self._enter(route)
            try:
                exchange.response = await self._send(route, exchange.request, call)
            except ProviderUnavailable as error:
                may_repeat = call is None or call.call_class == "A" or error.details.get("sent") is False
                if not may_repeat or attempt == TRIES_AT_MOST:
                    raise
                await self._pause(attempt)
                continue
            finally:
                route.gate.leave()
            outcome = route.provider.interpret(exchange.request, exchange.response)
            if isinstance(outcome, Pending):
                outcome = await self.door.vendors.await_end(route, outcome, exchange)
            if not isinstance(outcome, Refused) or attempt == TRIES_AT_MOST:
                break
            if outcome.kind == "rate_limited":
                route.gate.pause(outcome.retry_after_seconds or _BACKOFF_SECONDS * 2**attempt)
            elif outcome.kind == "vendor_down" and (call is None or call.call_class == "A"):
                await self._pause(attempt)
            else:
                break
        exchange.outcome = outcome
        return outcome

    async def _enter(self, route: Route) -> None:
        await route.gate.enter()
        if self.door.meter.is_closed:
            route.gate.leave()
            raise Halted("The run was stopped.")

    async def _send(self, route: Route, request: HttpRequest, call: NewCall | None) -> HttpResponse:
        if call is None:
            return await self.door.vendors.send(route, request)
        journal = self.door.meter.journal
        response = await self.door.vendors.send(
            route, request, idempotency_key=call.key.hex(), on_departure=lambda: journal.sent(call.id)
        )
        journal.reply(call.id, as_stored(response))
        return response

    async def _pause(self, attempt: int) -> None:
        # Full jitter, so that cells that failed together do not come back together.
        await asyncio.sleep(random.uniform(0, _BACKOFF_SECONDS * 2**attempt))  # noqa: S311 - spreads load, hides nothing

    def _end_without_reply(
        self, route: Route, capability: Capability, call: NewCall, exchange: Exchange,
        error: ProviderUnavailable | LimitReached | InvalidInput,
    ) -> Outcome:  # fmt: skip
        outcome = Refused("vendor_down", error.message)
        is_certain = error.details.get("sent") is False
        self._end(call, "void" if is_certain else "unknown", 0, exchange, error=error.message)
        self._note(
            route.provider.key, capability, outcome, cost=0, is_simulated=route.is_simulated, call_id=call.id,
            exchange=exchange,
        )  # fmt: skip
        if is_certain:
            return outcome
        raise FateUnknown(f"{error.message} Whether it was charged is not known.") from error

    def _end(self, call: NewCall, state: CallState, cost: int, exchange: Exchange, *, error: str | None = None) -> None:
        self.door.meter.end(
            Settlement(
                call_id=call.id, state=state, settled_micro_usd=cost, reserved_micro_usd=call.reserved_micro_usd,
                provider=call.provider, capability=call.capability, is_simulated=call.is_simulated,
                field_id=call.field_id, error=error,
                response=RawJson(as_stored(exchange.response).decode()) if exchange.response else None,
            ),
            when_written=lambda: self.door.forget(call.question_sha256),
        )  # fmt: skip
        self.door.unwritten.add(call.question_sha256)

    def _note(
        self, provider: str, capability: Capability, outcome: Outcome, *, cost: int, is_simulated: bool,
        call_id: UUID | None = None, exchange: Exchange | None = None, reused: bool = False,
    ) -> None:  # fmt: skip
        self.provider = provider
        note: dict[str, Any] = {
            "provider": provider, "capability": capability.question.capability, "call_class": capability.call_class,
            "outcome": type(outcome).__name__, "cost_micro_usd": cost, "is_simulated": is_simulated,
        }  # fmt: skip
        if isinstance(outcome, Refused):
            note["message"] = outcome.message
        if call_id is not None:
            note["call_id"] = str(call_id)
        if reused:
            note["is_reused"] = True
        if exchange is not None and exchange.response is not None:
            note["elapsed_ms"] = round(exchange.response.elapsed_seconds * 1000)
            if call_id is None:
                # Paid replies are kept with the call; a free one has no other home than this evidence.
                note["request"] = shown_request(exchange.request)
                note["response"] = orjson.Fragment(as_stored(exchange.response))
        self.attempts.append(note)


def as_stored(response: HttpResponse) -> bytes:
    """A reply as JSON: status, the headers that decide anything, and the body, parsed when it is JSON."""
    kept = {key: value for key, value in response.headers.items() if key in ("content-type", "retry-after")}
    head = b'{"status":%d,"headers":%b,"body":' % (response.status, orjson.dumps(kept))
    # Not the raw body: what Postgres refuses in jsonb (NUL, NaN, half surrogates) must not break the books.
    if (parsed := reading.parse(response.body)) is not None:
        return head + orjson.dumps(parsed) + b"}"
    return head + orjson.dumps(response.text) + b',"is_text":true}'


def outcome_of(provider: HttpProvider, call: Call) -> Outcome:
    """The outcome of a call from its stored reply, read again by the same adapter."""
    stored = call.response or {}
    body = stored.get("body")
    response = HttpResponse(
        status=stored.get("status", 0),
        headers=stored.get("headers", {}),
        body=str(body).encode() if stored.get("is_text") else orjson.dumps(body),
    )
    asked = call.request or {}
    request = HttpRequest(
        method=asked.get("method", "GET"),
        url=asked.get("url", ""),
        json_body=asked.get("json"),
        purpose=call.capability,
    )
    return provider.interpret(request, response)
