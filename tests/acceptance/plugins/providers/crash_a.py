"""A paid vendor that takes an idempotency key (class A), for crash tests against the simulator."""

from collections.abc import Mapping
from typing import ClassVar

from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug.provider import Capability, Found, HttpProvider, Outcome, Rate, Refused
from spadework.plug.questions import NormalizeDomain, Question, Text


class CrashA(HttpProvider):
    """Asks `/bench/paid` under a key, so that the same purchase may be asked for twice and is billed once."""

    key = "crash_a"
    label = "Crash test, class A"
    docs_url = "https://example.com"
    base_url = "http://127.0.0.1"
    usd_per_credit = 0.001
    idempotency_header: ClassVar[str | None] = "idempotency-key"
    rate: ClassVar[Rate] = Rate(requests=1_000, per_seconds=1, concurrency=8)
    capabilities: ClassVar[tuple[Capability, ...]] = (
        Capability(question=NormalizeDomain, price_credits=1, call_class="A"),
    )

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        return request

    def request(self, question: Question) -> HttpRequest:
        assert isinstance(question, NormalizeDomain)
        asked = f"a-{question.value}"
        return HttpRequest(url=f"{self.base_url}/bench/paid?x={asked}", headers={"x-call-id": asked})

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        body = response.json()
        if response.status != 200 or not isinstance(body, dict):
            return Refused("vendor_down", f"The server answered {response.status}.")
        return Found(Text(text=str(body["value"])), charged_credits=1)
