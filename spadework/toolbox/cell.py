"""The metered door for one cell: every question is authorised, paced, paid, recorded and evidenced here."""

import asyncio
import random
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import orjson

from spadework.core.db import RawJson
from spadework.core.errors import (
    FateUnknown,
    Fenced,
    Halted,
    InvalidInput,
    LimitReached,
    Misconfigured,
    ProviderUnavailable,
)
from spadework.core.http import HttpRequest, HttpResponse
from spadework.core.ids import new_id
from spadework.plug.dossier import DossierMade, DossierRequest
from spadework.plug.llm import LlmReply, LlmRequest
from spadework.plug.prompt import PromptText
from spadework.plug.provider import Capability, Found, LocalProvider, Outcome, Pending, Refused
from spadework.plug.questions import Question
from spadework.prompts.actions import resolving
from spadework.runs.opening import Opening
from spadework.spend.types import Call, CallState, NewCall, Settlement
from spadework.toolbox import tasks
from spadework.toolbox.language import Language
from spadework.toolbox.meter import CellPlace, Meter, price_of, purchase_key
from spadework.toolbox.replies import as_stored, opening, outcome_of, response_of
from spadework.toolbox.sharing import Shared
from spadework.toolbox.tasks import Patience
from spadework.toolbox.vendors import Exchange, Route, TaskState, Vendors, shown_request

TRIES_AT_MOST = 3
_BACKOFF_SECONDS = 0.5


class Dossiers(Protocol):
    """Whoever makes the dossiers that cells ask for."""

    async def make(self, place: CellPlace, request: DossierRequest) -> DossierMade:
        """How the dossier of that cell has ended; begun once, and waited for."""
        ...


@dataclass
class RunDoor:
    """What all cells of one run share: vendors, till, language model and questions under way."""

    account_id: UUID
    vendors: Vendors
    meter: Meter
    language: Language
    is_training: bool
    routes: dict[str, Route] = field(default_factory=dict)
    dossiers: Dossiers | None = None
    prompts: dict[tuple[str, str], PromptText] = field(default_factory=dict)
    bought: Shared[Outcome] = field(default_factory=Shared)
    free: Shared[Exchange] = field(default_factory=Shared)
    """Free questions under way: what ask for the same page at once get it from one visit."""
    keeps_free: bool = False
    """Whether that visit serves whoever asks later in the run too; a table's runs ask for more than could be kept."""

    async def route(self, provider: str) -> Route:
        """Where that provider's questions go in this run, decided once."""
        if provider not in self.routes:
            self.routes[provider] = await self.vendors.route(self.account_id, provider, is_training=self.is_training)
        return self.routes[provider]

    async def prompt(self, key: str, label: str) -> PromptText:
        """The version that a label points to, looked up once.

        Raises:
            UnknownReference: there is no such prompt, or the label points nowhere.
        """
        if (key, label) not in self.prompts:
            async with self.vendors.database.read(self.account_id) as tx:
                found = await resolving.in_use(tx, key, label)
            self.prompts.setdefault((key, label), found)
        return self.prompts[key, label]

    def cell(
        self, place: CellPlace, *, patience: Patience | None = None, opening: Opening | None = None
    ) -> "CellToolbox":
        """The door for one cell; `patience` is for what vendors work on for minutes. Nothing leaves before `opening`."""
        return CellToolbox(self, place, patience or Patience(), opening)


class CellToolbox:
    """Implements `plug.toolbox.Toolbox` for one cell and keeps the evidence of what was asked."""

    __slots__ = (
        "asked_with", "attempts", "cost_micro_usd", "door", "is_simulated", "opening", "patience", "place", "provider"
    )  # fmt: skip

    def __init__(self, door: RunDoor, place: CellPlace, patience: Patience, opening: Opening | None = None) -> None:
        self.door = door
        self.opening = opening
        self.place = place
        self.patience = patience
        self.attempts: list[dict[str, Any]] = []
        self.cost_micro_usd = 0
        self.is_simulated = False
        self.provider: str | None = None
        self.asked_with: PromptText | None = None

    async def prompt(self, key: str, label: str) -> PromptText:
        """The prompt that is asked with from now on; see `plug.toolbox.Toolbox.prompt`."""
        self.asked_with = await self.door.prompt(key, label)
        return self.asked_with

    async def dossier(self, request: DossierRequest) -> DossierMade:
        """The dossier of this cell; see `plug.toolbox.Toolbox.dossier`."""
        if self.door.dossiers is None:
            raise InvalidInput("No dossier can be made here. Use a dossier column.")
        made = await self.door.dossiers.make(self.place, request)
        self.provider = "dossier"
        self.cost_micro_usd += made.cost_micro_usd
        self.is_simulated = self.is_simulated or made.is_simulated
        self.attempts.append({
            "provider": "dossier", "capability": "make_dossier", "run_id": made.run_id, "dossier_id": made.dossier_id,
            "outcome": "failed" if made.problem else "found", "message": made.problem or "",
            "cost_micro_usd": made.cost_micro_usd, "is_simulated": made.is_simulated,
        })  # fmt: skip
        return made

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
        done = await self.door.language.complete(request, self.door.meter, self.place, opening=self.opening)
        self.cost_micro_usd += done.cost_micro_usd
        self.is_simulated = self.is_simulated or done.is_simulated
        self.provider = done.llm
        used = self.asked_with
        named = {"prompt_key": used.key, "prompt_label": used.label, "prompt_version": used.number} if used else {}
        self.attempts.append({**done.attempt(request, started), **named})
        if done.error is not None:
            raise done.error
        assert done.reply is not None
        return done.reply

    async def _ask_free(self, route: Route, capability: Capability, question: Question) -> Outcome:
        request = route.provider.request(question)
        # No digest as of a purchase: it is in no books.
        asked = (route.provider.key, route.is_simulated, question)
        exchange, is_anothers = await self.door.free.ask(asked, lambda: self._visit(route, request, asked))
        assert exchange.outcome is not None
        self._note(
            route.provider.key, capability, exchange.outcome, cost=0, is_simulated=route.is_simulated,
            exchange=exchange, reused=is_anothers,
        )  # fmt: skip
        return exchange.outcome

    async def _visit(self, route: Route, request: HttpRequest, asked: Hashable) -> Exchange:
        exchange = Exchange(request)
        try:
            await self._converse(route, exchange, None)
        except ProviderUnavailable as error:
            exchange.outcome = Refused("vendor_down", error.message)
        except (InvalidInput, LimitReached) as error:
            # An address in the question that is not called, or a reply larger than we take.
            exchange.outcome = Refused("invalid_request", error.message)
        if self.door.keeps_free and isinstance(exchange.outcome, Found) and exchange.response is not None:
            exchange.response = opening(exchange.response)
            self.door.free.hold(asked)
        return exchange

    async def _ask_paid(self, route: Route, capability: Capability, question: Question) -> Outcome:
        identity = purchase_key(route.provider.key, route.is_simulated, question.capability, question)
        outcome, is_anothers = await self.door.bought.ask(
            identity, lambda: self._buy(route, capability, question, identity)
        )
        if is_anothers:
            self._note(route.provider.key, capability, outcome, cost=0, is_simulated=route.is_simulated, reused=True)
        return outcome

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
        grant = await self.door.meter.intend(call, opening=self.opening)
        exchange = Exchange(request)
        if grant.known is not None:
            return await self._take_known(route, capability, exchange, grant.known, call)
        try:
            outcome = await self._converse(route, exchange, call)
        except (ProviderUnavailable, LimitReached, InvalidInput) as error:
            return self._end_without_reply(route, capability, call, exchange, error)
        except (Halted, Fenced):
            if exchange.task is not None:
                self._end_unfinished(call, exchange, error="stopped while it was waited for")
                self._note_waiting(route, capability, exchange, cost=call.reserved_micro_usd)
            else:
                self._end(call, "void", 0, exchange, error="stopped before it left")
            raise
        cost = price_of(
            outcome, price_credits=capability.price_credits, is_miss_charged=capability.is_miss_charged,
            micro_usd_per_credit=route.micro_usd_per_credit,
        )  # fmt: skip
        is_doubtful = (
            isinstance(outcome, Refused) and capability.call_class == "B" and exchange.task is None
            and outcome.kind in ("vendor_down", "garbage")
        )  # fmt: skip
        if exchange.task is not None and tasks.is_still_bought(outcome, exchange.task):
            assert isinstance(outcome, Refused)
            cost = call.reserved_micro_usd
            self._end_unfinished(call, exchange, error=outcome.message)
        elif isinstance(outcome, Refused):
            self._end(call, "unknown" if is_doubtful else "failed", 0, exchange, error=outcome.message)
        else:
            self._end(call, "ok", cost, exchange)
        self.cost_micro_usd += cost
        self._note(
            route.provider.key, capability, outcome, cost=cost, is_simulated=route.is_simulated, call_id=call.id,
            exchange=exchange,
        )  # fmt: skip
        if is_doubtful:
            raise FateUnknown(f"{route.provider.label} answered unclearly; whether it charged is not known.")
        return outcome

    async def _take_known(
        self, route: Route, capability: Capability, exchange: Exchange, known: Call, call: NewCall
    ) -> Outcome:
        """What an earlier call gave; where the vendor was still working on that, what came of it meanwhile."""
        # This cell's own purchase, of an attempt that ended early, is this cell's cost; another's is not.
        cost = (known.settled_micro_usd or 0) if known.key == call.key else 0
        outcome = outcome_of(route.provider, known)
        if isinstance(outcome, Pending):
            try:
                outcome = await self._go_on(route, outcome, exchange, known)
            except (Halted, Fenced):
                self._note_waiting(route, capability, exchange, cost=cost)
                raise
        self.cost_micro_usd += cost
        self._note(
            route.provider.key, capability, outcome, cost=cost, is_simulated=route.is_simulated, call_id=known.id,
            exchange=exchange, reused=True,
        )  # fmt: skip
        return outcome

    async def _converse(self, route: Route, exchange: Exchange, call: NewCall | None) -> Outcome:
        """Send until an outcome: throttling and outages are waited for, a few times, then reported."""
        outcome: Outcome = Refused("vendor_down", "not asked")
        for attempt in range(1, TRIES_AT_MOST + 1):
            await self._enter(route)
            try:
                exchange.response = await self._send(route, exchange, call)
            except ProviderUnavailable as error:
                may_repeat = call is None or call.call_class == "A" or error.details.get("sent") is False
                if not may_repeat or attempt == TRIES_AT_MOST:
                    raise
                await self._pause(attempt)
                continue
            finally:
                route.gate.leave()
            outcome = await self.door.vendors.interpret(route, exchange.request, exchange.response)
            if isinstance(outcome, Pending):
                outcome = await self._await_end(route, outcome, exchange, call)
            if exchange.task is not None:
                break
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

    async def _await_end(self, route: Route, pending: Pending, exchange: Exchange, call: NewCall | None) -> Outcome:
        """What came of what the vendor works on; of a paid call, once the books have the task."""
        if call is None:
            return await self.door.vendors.await_end(route, pending, exchange)
        assert exchange.response is not None
        exchange.submission = exchange.response
        await self.door.meter.keep_reply(call.id, as_stored(exchange.submission))
        begun = tasks.begun(route, pending, call, exchange.submission)
        return await self._until_end(route, pending, exchange, begun)

    async def _go_on(self, route: Route, pending: Pending, exchange: Exchange, call: Call) -> Outcome:
        """What came of a task that was bought before and is not paid for again."""
        exchange.submission = response_of(call)
        begun = tasks.begun(route, pending, call, exchange.submission)
        outcome = await self._until_end(route, pending, exchange, begun)
        assert exchange.task is not None
        if exchange.response is not None and not tasks.is_still_bought(outcome, exchange.task):
            await self.door.meter.keep_reply(
                call.id, as_stored(exchange.response), has_failed=isinstance(outcome, Refused)
            )
        return outcome

    async def _until_end(self, route: Route, pending: Pending, exchange: Exchange, begun: TaskState) -> Outcome:
        return await tasks.until_end(
            self.door.vendors, route, pending, exchange, begun, patience=self.patience, stop=self.door.meter.stop
        )

    def _end_unfinished(self, call: NewCall, exchange: Exchange, *, error: str) -> None:
        """The task is bought and goes on: the most it can cost is booked, and whoever asks again waits for it."""
        exchange.response = exchange.submission
        self._end(call, "ok", call.reserved_micro_usd, exchange, error=error)

    def _note_waiting(self, route: Route, capability: Capability, exchange: Exchange, *, cost: int) -> None:
        assert exchange.task is not None
        self.cost_micro_usd += cost
        self._note(
            route.provider.key, capability, Pending(exchange.request), cost=cost, is_simulated=route.is_simulated,
            call_id=exchange.task.call_id, exchange=exchange,
        )  # fmt: skip

    async def _enter(self, route: Route) -> None:
        if self.opening is not None:
            await self.opening.begin()
        await route.gate.enter()
        if self.door.meter.is_closed:
            route.gate.leave()
            raise Halted("The run was stopped.")

    async def _send(self, route: Route, exchange: Exchange, call: NewCall | None) -> HttpResponse:
        if call is None:
            return await self.door.vendors.send(route, exchange.request)
        journal = self.door.meter.journal
        response = await self.door.vendors.send(
            route, exchange.request, idempotency_key=call.key.hex(), on_departure=lambda: journal.sent(call.id)
        )
        journal.reply(call.id, exchange.stored(response))
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
                response=RawJson(exchange.stored(exchange.response).decode()) if exchange.response else None,
            ),
            when_written=lambda: self.door.bought.forget(call.question_sha256),
        )  # fmt: skip
        self.door.bought.hold(call.question_sha256)

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
        if exchange is not None and exchange.task is not None:
            note |= tasks.shown(exchange.task)
        if exchange is not None and exchange.response is not None:
            note["elapsed_ms"] = round(exchange.response.elapsed_seconds * 1000)
            if call_id is None:
                # Paid replies are kept with the call; a free one has no other home than this evidence.
                note["request"] = shown_request(exchange.request)
                note["response"] = orjson.Fragment(as_stored(opening(exchange.response)))
        self.attempts.append(note)
