"""Live updates: one hub per process hears of committed events and hands them to each tab's WebSocket."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from spadework.accounts.actions import accounts, sessions
from spadework.accounts.types import Principal
from spadework.core.db import EVENTS_CHANNEL, Database
from spadework.core.errors import SpadeworkError
from spadework.web import auth, idempotency, store

log = structlog.get_logger()

COALESCE_SECONDS = 0.05
POLL_SECONDS = 1.0
TRIM_SECONDS = 600.0
EVENTS_LIFE = timedelta(minutes=15)
MAX_WAITING = 1_000  # events of one topic that a slow tab may leave lying
MAX_TOPICS = 200
MAX_TABS = 100  # of one user
_MAX_MESSAGE_CHARACTERS = 64_000
_SEND_SECONDS = 30.0
_REMEMBERED = 4_000
_PERMISSIONS = {
    "table": "workbooks.read", "workbooks": "workbooks.read", "run": "runs.read", "runs": "runs.read",
    "spend": "spend.read", "prompts": "prompts.read", "workflow": "builder.read", "workflows": "builder.read",
}  # fmt: skip


@dataclass(eq=False)
class Tab:
    """One open WebSocket: what it wants to hear, and what it has not been sent yet."""

    principal: Principal
    topics: set[str] = field(default_factory=set)
    waiting: dict[str, list[Any]] = field(default_factory=dict)
    must_resync: set[str] = field(default_factory=set)
    has_news: asyncio.Event = field(default_factory=asyncio.Event)
    is_revoked: bool = False

    def offer(self, events: Iterable[store.Event]) -> None:
        """Queue what this tab subscribed to; a topic that it does not keep up with is to be fetched anew."""
        for event in events:
            if event.topic not in self.topics or event.topic in self.must_resync:
                continue
            queue = self.waiting.setdefault(event.topic, [])
            queue.append(event.payload)
            if len(queue) > MAX_WAITING:
                del self.waiting[event.topic]
                self.must_resync.add(event.topic)
            self.has_news.set()

    def resync(self) -> None:
        """Have the tab fetch everything anew: something may have been missed."""
        self.waiting.clear()
        self.must_resync |= self.topics
        self.has_news.set()

    def take(self) -> list[dict[str, Any]]:
        """The messages to send now."""
        messages: list[dict[str, Any]] = [{"topic": each, "resync": True} for each in sorted(self.must_resync)]
        messages += [{"topic": topic, "events": events} for topic, events in self.waiting.items()]
        self.waiting, self.must_resync = {}, set()
        self.has_news.clear()
        return messages


@dataclass(eq=False)
class _Listener:
    """One account that somebody watches: its tabs, and which of its events were handed out."""

    tabs: set[Tab] = field(default_factory=set)
    told: set[int] = field(default_factory=set)
    seen: dict[int, None] = field(default_factory=dict)  # in the order they were handed out
    floor: int = 0  # events up to here were there before anybody watched, or are too old to ask for
    has_news: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """Reads each event once per process, however many tabs watch, and never for accounts nobody watches."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: dict[UUID, _Listener] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    @contextlib.asynccontextmanager
    async def running(self) -> Any:
        """Listen until the block ends."""
        tasks = [asyncio.create_task(each) for each in (self._listen(), self._poll(), self._trim())]
        try:
            yield self
        finally:
            tasks += self._tasks.values()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def join(self, tab: Tab) -> None:
        """Begin handing events of the tab's account to it."""
        account_id = tab.principal.account_id
        if account_id not in self._listeners:
            async with self._database.read(account_id) as tx:
                floor = await store.last_event_id(tx)
            self._listeners.setdefault(account_id, _Listener(floor=floor))
        listener = self._listeners[account_id]
        if account_id not in self._tasks:
            self._tasks[account_id] = asyncio.create_task(self._hand_out(account_id, listener))
        listener.tabs.add(tab)

    def leave(self, tab: Tab) -> None:
        """Forget the tab; with an account's last one the account."""
        account_id = tab.principal.account_id
        listener = self._listeners.get(account_id)
        if listener is None:
            return
        listener.tabs.discard(tab)
        if not listener.tabs:
            del self._listeners[account_id]
            if task := self._tasks.pop(account_id, None):
                task.cancel()

    def count_tabs(self, principal: Principal) -> int:
        """Open tabs of one user."""
        listener = self._listeners.get(principal.account_id)
        return sum(each.principal.user_id == principal.user_id for each in listener.tabs) if listener else 0

    async def _listen(self) -> None:
        async for payload in self._database.listen(EVENTS_CHANNEL):
            if not payload:  # connected, perhaps again: what came in between is found by the next poll
                continue
            account, _, event_id = payload.rpartition(":")
            with contextlib.suppress(ValueError):
                listener = self._listeners.get(UUID(account))
                if listener is not None:
                    listener.told.add(int(event_id))
                    listener.has_news.set()

    async def _hand_out(self, account_id: UUID, listener: _Listener) -> None:
        """Read what was announced, together with whatever follows within the next 50 ms."""
        while True:
            await listener.has_news.wait()
            await asyncio.sleep(COALESCE_SECONDS)
            listener.has_news.clear()
            ids, listener.told = [each for each in listener.told if each not in listener.seen], set()
            try:
                async with self._database.read(account_id) as tx:
                    self._deliver(listener, await store.read_events(tx, ids))
            except (SpadeworkError, OSError) as error:
                log.warning("live events were not read", message=str(error))  # the poll finds them again

    async def _poll(self) -> None:
        """Find what no notification told of, and close what was revoked; each second, per watched account."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            for account_id, listener in list(self._listeners.items()):
                try:
                    await self._look(account_id, listener)
                except (SpadeworkError, OSError) as error:
                    log.warning("live events were not read", message=str(error))

    async def _look(self, account_id: UUID, listener: _Listener) -> None:
        doors = {_door(each.principal): each for each in listener.tabs}
        async with self._database.read(account_id) as tx:
            ids = await store.list_event_ids_after(tx, listener.floor, _REMEMBERED)
            missed = [each for each in ids if each not in listener.seen]
            events = await store.read_events(tx, missed) if len(ids) < _REMEMBERED else []
            still_open = await sessions.still_open(tx, list(doors))
        for tab in list(listener.tabs):
            if _door(tab.principal) not in still_open:
                tab.is_revoked = True
                tab.has_news.set()
        self._deliver(listener, events)
        if missed and not events:  # too many to catch up with
            listener.seen.update(dict.fromkeys(missed))
            for tab in listener.tabs:
                tab.resync()
        self._forget_old(listener)

    def _deliver(self, listener: _Listener, events: Sequence[store.Event]) -> None:
        new = [each for each in events if each.id not in listener.seen]
        listener.seen.update(dict.fromkeys(each.id for each in new))
        for tab in listener.tabs:
            tab.offer(new)

    def _forget_old(self, listener: _Listener) -> None:
        # Ids are given before the commit, so a lower one may appear after a higher; the floor stays well behind.
        extra = len(listener.seen) - _REMEMBERED // 2
        for event_id in list(listener.seen)[: max(0, extra)]:
            del listener.seen[event_id]
            listener.floor = max(listener.floor, event_id)

    async def _trim(self) -> None:
        """Forget old events and idempotency keys, of every account."""
        while True:
            await asyncio.sleep(TRIM_SECONDS)
            try:
                for account_id in await accounts.list_account_ids(self._database):
                    async with self._database.transaction(account_id) as tx:
                        await store.trim(tx, events_life=EVENTS_LIFE, keys_life=idempotency.KEY_LIFE)
            except (SpadeworkError, OSError) as error:
                log.warning("old events were not trimmed", message=str(error))


async def serve(socket: WebSocket) -> None:
    """One tab's connection: `/v3/live`. It takes subscribe and unsubscribe, and is sent events as they commit.

    A topic of another account is simply never heard. Close codes: 4401 not signed in (any more), 4403
    opened by another site, 4429 too many tabs, 1008 a message that cannot be read.
    """
    hub: Hub = socket.app.state.hub
    origin = socket.headers.get("origin")
    if "authorization" not in socket.headers and (origin is None or not auth.is_own_origin(socket, origin)):
        await socket.close(4403)
        return
    principal = await auth.identify(auth.app_of(socket), socket)
    if principal is None:
        await socket.close(4401)
        return
    if hub.count_tabs(principal) >= MAX_TABS:
        await socket.close(4429)
        return
    await socket.accept()
    tab = Tab(principal)
    await hub.join(tab)
    sending = asyncio.create_task(_send(socket, tab))
    try:
        await _send_json(socket, {"topic": "hello"})
        await _receive(socket, tab)
    except (WebSocketDisconnect, RuntimeError):
        pass  # the tab is gone, or `_send` closed it
    finally:
        hub.leave(tab)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _receive(socket: WebSocket, tab: Tab) -> None:
    while True:
        text = await socket.receive_text()
        if len(text) > _MAX_MESSAGE_CHARACTERS:
            await socket.close(1008)
            return
        try:
            message = orjson.loads(text)
            added, removed = _topics(message, "subscribe"), _topics(message, "unsubscribe")
        except ValueError:
            await socket.close(1008)
            return
        allowed = {each for each in added if _may_hear(tab.principal, each)}
        tab.topics = set(sorted((tab.topics | allowed) - removed)[:MAX_TOPICS])


async def _send(socket: WebSocket, tab: Tab) -> None:
    while True:
        await tab.has_news.wait()
        if tab.is_revoked:
            await socket.close(4401)
            return
        for message in tab.take():
            try:
                await asyncio.wait_for(_send_json(socket, message), _SEND_SECONDS)
            except (TimeoutError, RuntimeError, WebSocketDisconnect):
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                    await socket.close(1013)
                return


async def _send_json(socket: WebSocket, message: dict[str, Any]) -> None:
    await socket.send_text(orjson.dumps(message).decode())


def _topics(message: Any, name: str) -> set[str]:
    if not isinstance(message, dict):
        raise ValueError(name)
    topics = message.get(name, [])
    if not isinstance(topics, list) or not all(isinstance(each, str) for each in topics):
        raise ValueError(name)
    return set(topics)


def _may_hear(principal: Principal, topic: str) -> bool:
    return len(topic) <= 100 and _PERMISSIONS.get(topic.partition(":")[0], "") in principal.permissions


def _door(principal: Principal) -> UUID:
    door = principal.session_id or principal.key_id
    assert door is not None
    return door
