"""The till: intents of paid calls are committed in groups before they leave, ends are written in groups.

Calls that wait for their intent are committed together while the group before is on its way to the
disk, so a paid call costs a share of one commit and no call leaves unrecorded.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import orjson

from spadework.core import clock
from spadework.core.db import Database, RawJson, Transaction
from spadework.core.errors import FateUnknown, Halted, OutOfBudget, SpadeworkError, Unavailable
from spadework.plug.provider import Found, NotFound, Outcome
from spadework.plug.questions import QUESTIONS
from spadework.runs.opening import Opening
from spadework.spend import actions as spend
from spadework.spend.types import Call, NewCall, Scopes, Settlement
from spadework.toolbox.journal import Journal

FRESH_DAYS = 30
"""An answer bought within this time serves every other cell of the account that asks the same thing.

Some questions set a shorter time of their own: `Question.fresh_days`.
"""
_GROUP_AT_MOST = 500
GATHER_SECONDS = 0.01
"""More rows are on their way than a vendor takes at once, so waiting for company costs no time and saves commits."""
_WAIT_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class CellPlace:
    """Which cell is being filled, as purchases identify it; `generation` differs when a person forces a new one."""

    table_id: UUID
    row_id: int
    field_id: UUID
    settings_version: int
    generation: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to make the call, or the call that makes it needless."""

    call_id: UUID
    known: Call | None = None


@dataclass(slots=True)
class _Group:
    """Calls whose intents one commit writes with the record of their step; `has_ended` says whether it did."""

    calls: list[NewCall]
    has_ended: asyncio.Future[bool]
    granted: Sequence[Grant | SpadeworkError] | None = None


class Meter:
    """The till of one run. Without `gather_seconds`, only what waits during a commit is committed together."""

    def __init__(
        self, database: Database, scopes: Scopes, *, worker_id: str, journal: Journal, stop: asyncio.Event,
        reuses_answers: bool = True, gather_seconds: float = GATHER_SECONDS,
    ) -> None:  # fmt: skip
        self.scopes = scopes
        self.journal = journal
        self.stop = stop
        self._database = database
        self._worker_id = worker_id
        self._reuses_answers = reuses_answers
        self._gather_seconds = gather_seconds
        self._waiting: list[tuple[NewCall, asyncio.Future[Grant]]] = []
        self._wake = asyncio.Event()
        self._ends: list[Settlement] = []
        self._when_written: dict[UUID, Callable[[], None]] = {}
        self._beginning: dict[Opening, _Group] = {}
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing new may leave: Stop was pressed, or the till is closing."""
        return self._is_closed or self.stop.is_set()

    def close(self) -> None:
        """Let nothing new leave; what is under way may still note its end."""
        self._is_closed = True

    async def __aenter__(self) -> "Meter":
        self._task = asyncio.create_task(self._commit_groups())
        return self

    async def __aexit__(self, *ending: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for _, future in self._waiting:
            future.cancel()

    async def intend(self, call: NewCall, *, opening: Opening | None = None) -> Grant:
        """Leave to make this call, once its intent and its reservation are on the disk, and the step it is made in.

        Raises:
            OutOfBudget: it does not fit. Halted: Stop was pressed. FateUnknown: an earlier attempt of
            the same purchase has no known end, so a person must decide first.
        """
        if opening is not None and not self.is_closed:
            granted = await self._begin(opening, call)
            if granted is not None:
                return _leave(granted)
        future: asyncio.Future[Grant] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, future))
        self._wake.set()
        return await future

    async def _begin(self, opening: Opening, call: NewCall) -> Grant | SpadeworkError | None:
        """The word on a call whose intent is committed with its step's record; None when that is written already."""
        if (group := self._beginning.get(opening)) is not None:
            place = len(group.calls)
            group.calls.append(call)
            if not await asyncio.shield(group.has_ended):
                return await self._begin(opening, call)
            return group.granted[place] if group.granted is not None else None
        group = self._beginning[opening] = _Group([call], asyncio.get_running_loop().create_future())
        try:
            try:
                # Questions that a step puts side by side come in the same turn of the loop, and share the commit.
                await asyncio.sleep(0)
            finally:
                del self._beginning[opening]
            group.granted = await opening.begin_with(lambda tx: self._commit_in(tx, group.calls))
        except BaseException:
            group.has_ended.set_result(False)
            raise
        group.has_ended.set_result(True)
        return group.granted[0] if group.granted is not None else None

    def end(self, settlement: Settlement, *, when_written: Callable[[], None] | None = None) -> None:
        """Note how a call ended; written with the next flush, after which `when_written` is called."""
        self._ends.append(settlement)
        if when_written is not None:
            self._when_written[settlement.call_id] = when_written

    async def keep_reply(self, call_id: UUID, reply: bytes, *, has_failed: bool = False) -> None:
        """Have the books hold what a vendor said of a task, before anything else is done; what it cost stays.

        Waits for the database: without this, another machine could not go on with the task.
        """
        while True:
            try:
                async with self._database.transaction(self.scopes.account_id) as tx:
                    return await spend.keep_reply(tx, call_id, RawJson(reply.decode()), has_failed=has_failed)
            except Unavailable:
                if self.is_closed:
                    return None  # the journal has it
                await asyncio.sleep(_WAIT_SECONDS)

    def take_ends(self, *, field_id: UUID | None = None) -> list[Settlement]:
        """Everything noted and not yet written, or that of one field; the caller writes it or gives it back by `end`."""
        taken = [each for each in self._ends if field_id in (None, each.field_id)]
        self._ends = [each for each in self._ends if field_id not in (None, each.field_id)]
        return taken

    async def write_ends(self, tx: Transaction, ends: Sequence[Settlement]) -> None:
        """Write ends inside the transaction of the cells they paid for."""
        await spend.settle(tx, self.scopes, ends)

    def written(self, ends: Sequence[Settlement]) -> None:
        """The transaction of these ends has committed."""
        self.journal.forget([each.call_id for each in ends])
        for each in ends:
            if when_written := self._when_written.pop(each.call_id, None):
                when_written()

    async def _commit_groups(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(self._gather_seconds)
            group, self._waiting = self._waiting[:_GROUP_AT_MOST], self._waiting[_GROUP_AT_MOST:]
            if not self._waiting:
                self._wake.clear()
            if not group:
                continue
            try:
                grants: Sequence[Grant | Exception] = await self._commit([call for call, _ in group])
            except Unavailable as error:
                if not self.is_closed:
                    self._waiting[:0] = group
                    self._wake.set()
                    await asyncio.sleep(_WAIT_SECONDS)
                    continue
                grants = [error] * len(group)
            except Exception as error:
                # Handed to the cells that wait, which would otherwise wait for ever.
                grants = [error] * len(group)
            for (_, future), grant in zip(group, grants, strict=True):
                if future.done():
                    continue
                if isinstance(grant, Exception):
                    future.set_exception(grant)
                else:
                    future.set_result(grant)

    async def _commit(self, calls: Sequence[NewCall]) -> list[Grant | SpadeworkError]:
        if self.is_closed:
            return [Halted("The run was stopped.")] * len(calls)
        async with self._database.transaction(self.scopes.account_id) as tx:
            return await self._commit_in(tx, calls)

    async def _commit_in(self, tx: Transaction, calls: Sequence[NewCall]) -> list[Grant | SpadeworkError]:
        questions = [each.question_sha256 for each in calls] if self._reuses_answers else []
        by_key, by_question = await spend.known_calls(
            tx, [each.key for each in calls], questions, fresh_days=FRESH_DAYS
        )
        answers = [self._known(each, by_key.get(each.key), by_question.get(each.question_sha256)) for each in calls]
        groups = _by_field([c for c, a in zip(calls, answers, strict=True) if a is None])
        if len(groups) > 1:
            await self._lock(tx, groups)
        await self._release_lost(tx, [each for group in groups.values() for each in group], by_key)
        for field_id, group in groups.items():
            scopes = replace(self.scopes, field_id=field_id)
            allowed, refusal = await spend.reserve(tx, scopes, group, worker_id=self._worker_id)
            ids = {each.id for each in allowed}
            for index, each in enumerate(calls):
                if answers[index] is None and each.field_id == field_id:
                    answers[index] = Grant(each.id) if each.id in ids else OutOfBudget(refusal or "Over budget.")
        return [answer for answer in answers if answer is not None]

    def _known(self, call: NewCall, same_key: Call | None, same_question: Call | None) -> Grant | SpadeworkError | None:
        if same_key is not None:
            if same_key.state == "ok":
                return Grant(same_key.id, same_key)
            if same_key.state == "intent" and same_key.id == call.id:
                # The commit's acknowledgement was lost with the connection; it did commit.
                return Grant(call.id)
            if same_key.state in ("unknown", "intent", "sent") and call.call_class != "A":
                return FateUnknown(
                    "An earlier attempt of this call has no known end. Decide under Spend what became of it.",
                    details={"call_id": str(same_key.id)},
                )
        if same_question is not None and same_question.is_simulated == call.is_simulated and _is_fresh(same_question):
            return Grant(same_question.id, same_question)
        return None

    async def _release_lost(self, tx: Transaction, calls: Sequence[NewCall], by_key: dict[bytes, Call]) -> None:
        # Class A: asking again under the same key has no second effect, so the lost attempt is given back.
        lost = [by_key[each.key] for each in calls if each.call_class == "A" and each.key in by_key]
        await self.write_ends(tx, [voided(each) for each in lost if each.state in ("unknown", "intent", "sent")])

    async def _lock(self, tx: Transaction, field_ids: Iterable[UUID | None]) -> None:
        await spend.lock(tx, [replace(self.scopes, field_id=each) for each in field_ids])


def _leave(granted: Grant | SpadeworkError) -> Grant:
    if isinstance(granted, SpadeworkError):
        raise granted
    return granted


def _is_fresh(call: Call) -> bool:
    """Whether the answer is young enough for what was asked; what the web says today is not what it said last week."""
    question = QUESTIONS.get(call.capability)
    if question is None or call.settled_at is None:
        return True
    return clock.now() - call.settled_at < timedelta(days=question.fresh_days)


def voided(call: Call, *, error: str = "never left, or repeated under the same key") -> Settlement:
    """The end of a call that cost nothing."""
    return Settlement(
        call_id=call.id, state="void", settled_micro_usd=0, reserved_micro_usd=call.reserved_micro_usd,
        provider=call.provider, capability=call.capability, is_simulated=call.is_simulated, field_id=call.field_id,
        response=call.response, error=error,
    )  # fmt: skip


def purchase_key(*parts: object) -> bytes:
    """A digest of what identifies a purchase; equal parts give equal keys in every process and version."""
    return hashlib.sha256(orjson.dumps(parts, default=str, option=orjson.OPT_SORT_KEYS)).digest()


def price_of(outcome: Outcome, *, price_credits: float, is_miss_charged: bool, micro_usd_per_credit: float) -> int:
    """What the vendor charged for that outcome, in micro-dollars."""
    if isinstance(outcome, Found):
        credits = outcome.charged_credits if outcome.charged_credits is not None else price_credits
    elif isinstance(outcome, NotFound) and is_miss_charged:
        credits = price_credits
    else:
        credits = 0.0
    return round(credits * micro_usd_per_credit)


def _by_field(calls: Sequence[NewCall]) -> dict[UUID | None, list[NewCall]]:
    groups: dict[UUID | None, list[NewCall]] = defaultdict(list)
    for each in calls:
        groups[each.field_id].append(each)
    return groups
