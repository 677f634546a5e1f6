"""Which vendor answers under which prefix, what it has billed, and what each request comes to."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import orjson

from spadework.simulator import (
    apollo,
    bench,
    brave_search,
    exa,
    firecrawl,
    hunter,
    jina,
    page_reader,
    serper,
    tavily,
    zerobounce,
)
from spadework.simulator.faults import VENDOR_FAULTS, Fault, Faults, parse
from spadework.simulator.invented import Draw
from spadework.simulator.wire import Asked, Reply

MAX_REMEMBERED = 500_000
_HTML = "<!doctype html><html><body>Simulated garbage</body></html>"
_CREDENTIALS = ("api_key", "api-key")


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's wire format: the reply to a question, and how it words a refusal."""

    answer: Callable[[Asked], Reply]
    refusal: Callable[..., Reply]


VENDORS = {
    "apollo": Vendor(apollo.answer, apollo.refusal),
    "hunter": Vendor(hunter.answer, hunter.refusal),
    "zerobounce": Vendor(zerobounce.answer, zerobounce.refusal),
    "brave_search": Vendor(brave_search.answer, brave_search.refusal),
    "exa": Vendor(exa.answer, exa.refusal),
    "firecrawl": Vendor(firecrawl.answer, firecrawl.refusal),
    "jina": Vendor(jina.answer, jina.refusal),
    "page_reader": Vendor(page_reader.answer, page_reader.refusal),
    "serper": Vendor(serper.answer, serper.refusal),
    "tavily": Vendor(tavily.answer, tavily.refusal),
    "bench": Vendor(bench.answer, bench.refusal),
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one request comes to: the reply, after how long, what goes wrong on the wire, what to record."""

    reply: Reply
    delay_seconds: float = 0.0
    wire_fault: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Account:
    """What one vendor has seen, done and billed since the start."""

    requests: int = 0
    effects: int = 0
    billed_credits: float = 0.0


class Simulation:
    """All vendors with one seed. Only the counters and what was already billed change over time."""

    def __init__(self, *, seed: int, faults: Faults) -> None:
        self.seed = seed
        self.faults = faults
        self.accounts = {key: Account() for key in VENDORS}
        self._attempts = _Remembered()
        self._done = _Remembered()

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        """What a request to a vendor comes to; effects and bills are counted here, before the reply leaves."""
        path, _, query_text = target.partition("?")
        key, _, rest = path.lstrip("/").partition("/")
        vendor = VENDORS.get(key)
        if vendor is None:
            return Exchange(Reply(status=404, body={"error": f"No vendor {key!r}. There are: {', '.join(VENDORS)}."}))
        query = parse_qs(query_text, keep_blank_values=True)
        content = _json_or_none(body)
        question = _question(key, method, rest, query, content)
        account = self.accounts[key]
        account.requests += 1
        asked = Asked(
            method=method,
            path=f"/{rest}",
            query=query,
            headers=headers,
            body=content,
            seed=self.seed,
            attempt=self._attempts.count(question),
            credits_used=account.billed_credits,
        )
        draw = Draw(self.seed, "wire", question, str(asked.attempt))
        try:
            fault = self._fault(key, asked, draw)
        except ValueError as error:
            return Exchange(Reply(status=400, body={"error": str(error)}))
        reply = self._reply(vendor, asked, fault)
        return self._recorded(key, question, asked, reply, fault, draw)

    def _fault(self, key: str, asked: Asked, draw: Draw) -> Fault | None:
        wanted = asked.headers.get("x-sim-fault")
        return parse(wanted) if wanted else self.faults.happening(key, draw)

    def _reply(self, vendor: Vendor, asked: Asked, fault: Fault | None) -> Reply:
        if fault and fault.kind in VENDOR_FAULTS:
            pause = self.faults.retry_after_seconds if fault.amount is None else fault.amount
            return vendor.refusal(fault.kind, pause)
        if fault and fault.kind in ("hang", "drop"):
            return Reply(status=0)
        if fault and fault.kind == "garbage":
            return Reply(body=_HTML)
        reply = vendor.answer(asked)
        limit = self.faults.out_of_credits_after
        if reply.call_class != "C" and limit is not None and asked.credits_used >= limit:
            return vendor.refusal("out_of_credits")
        return reply

    def _recorded(
        self, key: str, question: str, asked: Asked, reply: Reply, fault: Fault | None, draw: Draw
    ) -> Exchange:
        idempotency_key = asked.headers.get("idempotency-key")
        is_effect = reply.call_class == "B" or (
            reply.call_class == "A" and self._done.count(f"{key} {idempotency_key or question}") == 1
        )
        billed = reply.billed_credits if is_effect else 0.0
        account = self.accounts[key]
        account.effects += is_effect
        account.billed_credits = round(account.billed_credits + billed, 6)
        entry: dict[str, Any] = {
            "at": datetime.now(UTC),
            "vendor": key,
            "path": asked.path,
            "key": idempotency_key,
            "question": question,
            "call_id": asked.headers.get("x-call-id"),
            "effect": False,
            "billed_credits": 0.0,
            "status": reply.status,
        }
        entries = [entry, {**entry, "effect": True, "billed_credits": billed}] if is_effect else [entry]
        delay = self.faults.latency_seconds(draw)
        if fault and fault.kind == "latency":
            delay = (fault.amount or 0.0) / 1_000
        is_wire = fault is not None and fault.kind not in VENDOR_FAULTS and fault.kind not in ("latency", "garbage")
        return Exchange(reply, delay, fault.kind if fault and is_wire else "", entries)


class _Remembered:
    """How often each text was seen; the oldest are forgotten once there are very many."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def count(self, text: str) -> int:
        """How often the text was seen, this time included."""
        count = self._counts.get(text, 0) + 1
        self._counts[text] = count
        if len(self._counts) > MAX_REMEMBERED:
            del self._counts[next(iter(self._counts))]
        return count


def _question(key: str, method: str, path: str, query: Mapping[str, list[str]], body: Any) -> str:
    """The same short text for the same question, whoever asks: without key and without order."""
    asked = sorted((name, values) for name, values in query.items() if name not in _CREDENTIALS)
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in _CREDENTIALS}
    whole = orjson.dumps([key, method, path, asked, body], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(whole, digest_size=12).hexdigest()


def _json_or_none(body: bytes) -> Any:
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return None
