"""How a question reaches a vendor and a reply becomes an outcome: keys, addresses, pace, training mode."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from spadework.accounts.actions import credentials
from spadework.accounts.types import Credential
from spadework.core.config import Settings
from spadework.core.db import Database
from spadework.core.errors import InvalidInput, Misconfigured, ProviderUnavailable
from spadework.core.http import HttpClient, HttpRequest, HttpResponse
from spadework.core.log import redact
from spadework.core.secrets import Box
from spadework.plug import catalog
from spadework.plug.provider import HttpProvider, LocalProvider, Outcome, Pending, Provider, Rate, Refused
from spadework.plug.questions import Question
from spadework.toolbox.rates import Gate
from spadework.toolbox.replies import as_stored

DEADLINE_SECONDS = 30.0
_POLLS_AT_MOST = 40
_CREDENTIAL_SECONDS = 30.0
_SLOW_AT_ONCE = 2
"""Slow replies are read one after the other by these: more threads would take turns with the event loop, not hurry."""
_SIMULATOR_RATE = Rate(requests=100_000, per_seconds=1, concurrency=256)


@dataclass(frozen=True, slots=True)
class Route:
    """Where one provider's questions of one account go: the real vendor with its key, or the simulator."""

    provider: HttpProvider
    base_url: str
    credentials: dict[str, str]
    is_simulated: bool
    micro_usd_per_credit: float
    gate: Gate

    def address(self, request: HttpRequest) -> HttpRequest:
        """The request with the key in it and, in training mode, turned towards the simulator."""
        authorized = self.provider.authorize(request, self.credentials)
        if authorized.url.startswith(self.base_url):
            return authorized
        # A provider without an address of its own asks for whole ones.
        between = "" if self.provider.base_url else "/"
        # Built by hand: `replace` costs five times as much, and this is asked for every cell.
        return HttpRequest(
            method=authorized.method, url=self.base_url + between + authorized.url.removeprefix(self.provider.base_url),
            params=authorized.params, headers=authorized.headers, json_body=authorized.json_body,
        )  # fmt: skip

    def turn_back(self, response: HttpResponse) -> HttpResponse:
        """The reply with the address that was asked for instead of the simulator's, which leads nobody anywhere."""
        own = f"{self.base_url}/"
        if not self.base_url or not response.url.startswith(own):
            return response
        return replace(response, url=response.url.removeprefix(own))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """How far a task is: waited for since `submitted_at`, asked about `polls` times, the last time at `asked_at`.

    `waiting` also holds when nobody waits any more, but the task may still end; `failed` is the vendor's word.
    """

    provider: str
    capability: str
    task_id: str
    call_id: UUID
    is_simulated: bool
    submitted_at: datetime
    polls: int = 0
    asked_at: datetime | None = None
    state: Literal["waiting", "ended", "failed"] = "waiting"


@dataclass(slots=True)
class Exchange:
    """One question's whole conversation with a vendor, for the evidence.

    Where the vendor works on it for a while, `submission` is the reply that said so and `task` how far it is.
    """

    request: HttpRequest
    response: HttpResponse | None = None
    outcome: Outcome | None = None
    polls: int = 0
    submission: HttpResponse | None = None
    task: TaskState | None = None
    _stored: tuple[HttpResponse, bytes] | None = None

    def stored(self, response: HttpResponse) -> bytes:
        """A reply as the books keep it; the last one asked for is not made again."""
        if self._stored is None or self._stored[0] is not response:
            self._stored = (response, as_stored(response))
        return self._stored[1]


@dataclass
class Vendors:
    """Routes, gates and the sending itself, shared by all runs of this process."""

    settings: Settings
    database: Database
    http: HttpClient
    box: Box
    simulator_url: str | None = None
    _readers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_SLOW_AT_ONCE, "slow-replies"))
    _providers: dict[str, Provider] = field(default_factory=dict)
    _gates: dict[tuple[UUID, str, bool], Gate] = field(default_factory=dict)
    _credentials: dict[tuple[UUID, str], tuple[float, Credential | None]] = field(default_factory=dict)

    def provider(self, key: str) -> Provider:
        """The provider of that key, made once.

        Raises:
            UnknownReference: there is none.
        """
        if key not in self._providers:
            self._providers[key] = catalog.get(Provider, "provider", key)()
        return self._providers[key]

    async def route(self, account_id: UUID, key: str, *, is_training: bool) -> Route:
        """Where that provider's questions go now.

        Raises:
            ProviderUnavailable: training mode, but no simulator runs.
            Misconfigured: no key is stored and training mode is off.
        """
        provider = self.provider(key)
        assert isinstance(provider, HttpProvider)
        credential = await self._credential(account_id, key)
        override = self.settings.provider_base_urls.get(key)
        if is_training:
            return self._simulated_route(account_id, provider, override)
        if credential is None and provider.key_fields:
            raise Misconfigured(
                f"There is no key for {provider.label}. Add one in Settings › Keys, or switch training mode on."
            )
        price = credential.usd_per_credit if credential and credential.usd_per_credit is not None else None
        return Route(
            provider=provider,
            base_url=override or (credential.base_url if credential and credential.base_url else provider.base_url),
            credentials=dict(credential.values) if credential else {},
            is_simulated=False,
            micro_usd_per_credit=(price if price is not None else provider.usd_per_credit) * 1_000_000,
            gate=self._gate(account_id, provider, is_simulated=False),
        )

    async def send(
        self, route: Route, request: HttpRequest, *, idempotency_key: str | None = None,
        on_departure: Callable[[], None] | None = None,
    ) -> HttpResponse:  # fmt: skip
        """One request over the wire, within the deadline; `on_departure` is called right before its first byte.

        Raises:
            ProviderUnavailable: `details["sent"]` is False only when surely nothing left.
        """
        addressed = route.address(request)
        if idempotency_key and route.provider.idempotency_header:
            addressed = replace(
                addressed, headers={**addressed.headers, route.provider.idempotency_header: idempotency_key}
            )
        response = await self.http.send(
            addressed, deadline_seconds=DEADLINE_SECONDS, on_departure=on_departure, guarded=not route.base_url
        )
        return response if route.provider.base_url else route.turn_back(response)

    async def interpret(self, route: Route, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The outcome of a reply, read beside the event loop where that takes long."""
        if route.provider.is_slow:
            return await asyncio.get_running_loop().run_in_executor(
                self._readers, route.provider.interpret, request, response
            )
        return route.provider.interpret(request, response)

    async def ask_free(self, account_id: UUID, provider: str, question: Question) -> Outcome:
        """One question that costs nothing, outside any run, with the real key.

        Raises:
            InvalidInput: the question costs money. ProviderUnavailable: no whole reply.
        """
        found = self.provider(provider)
        capability = found.find_capability(question.capability)
        if capability is None or capability.price_credits > 0:
            raise InvalidInput(f"{found.label} has no free {question.label.lower()}. Ask it in a column.")
        if isinstance(found, LocalProvider):
            return found.answer(question)
        route = await self.route(account_id, provider, is_training=False)
        request = route.provider.request(question)
        return await self.await_end(route, await self.interpret(route, request, await self.send(route, request)))

    async def await_end(self, route: Route, outcome: Outcome, exchange: Exchange | None = None) -> Outcome:
        """The outcome once it is no longer pending; polling is free and stops after a while."""
        for _ in range(_POLLS_AT_MOST):
            if not isinstance(outcome, Pending):
                return outcome
            # The simulator answers at once; waiting minutes for it would teach nobody anything.
            await asyncio.sleep(min(outcome.after_seconds, 0.2) if route.is_simulated else outcome.after_seconds)
            try:
                response = await self.send(route, outcome.poll)
            except ProviderUnavailable:
                continue
            if exchange is not None:
                exchange.response, exchange.polls = response, exchange.polls + 1
            outcome = route.provider.interpret(outcome.poll, response)
        return Refused("vendor_down", f"{route.provider.label} did not finish in time. Run the cell again later.")

    def forget_credential(self, account_id: UUID, key: str) -> None:
        """Read the key anew next time, as after it was changed."""
        self._credentials.pop((account_id, key), None)

    async def _credential(self, account_id: UUID, key: str) -> Credential | None:
        cached = self._credentials.get((account_id, key))
        if cached and time.monotonic() - cached[0] < _CREDENTIAL_SECONDS:
            return cached[1]
        async with self.database.read(account_id) as tx:
            credential = await credentials.read_credential(tx, self.box, "provider", key)
        self._credentials[account_id, key] = (time.monotonic(), credential)
        return credential

    def _simulated_route(self, account_id: UUID, provider: HttpProvider, override: str | None) -> Route:
        simulator = self.simulator_url or self.settings.simulator_url
        if override is None and simulator is None:
            raise ProviderUnavailable("Training mode needs the simulator, and none runs. Start it with `spadework up`.")
        path = urlsplit(provider.base_url).path
        return Route(
            provider=provider,
            base_url=override or f"{simulator}/{provider.key}{path}",
            credentials={each.name: "training" for each in provider.key_fields},
            is_simulated=True,
            micro_usd_per_credit=0.0,
            gate=self._gate(account_id, provider, is_simulated=True),
        )

    def _gate(self, account_id: UUID, provider: HttpProvider, *, is_simulated: bool) -> Gate:
        # Keyed by account, so that one tenant's burst never slows another's.
        key = (account_id, provider.key, is_simulated)
        if key not in self._gates:
            self._gates[key] = Gate(_SIMULATOR_RATE if is_simulated else provider.rate)
        return self._gates[key]


def shown_request(request: HttpRequest) -> dict[str, object]:
    """The request as the cell's detail shows it: without key, since none was in it yet."""
    shown: dict[str, object] = {"method": request.method, "url": request.full_url}
    if request.json_body is not None:
        shown["json"] = redact(request.json_body)
    return shown
