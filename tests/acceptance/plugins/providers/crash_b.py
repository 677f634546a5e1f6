"""A paid vendor without idempotency keys (class B), for crash tests against the simulator."""

from collections.abc import Mapping
from typing import ClassVar

from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug.provider import Capability, Found, HttpProvider, Outcome, Rate, Refused
from spadework.plug.questions import NormalizeDomain, Question, Text


class CrashB(HttpProvider):
    """Asks `/bench/paid` without a key, so that each request is billed."""

    key = "crash_b"
    label = "Crash test, class B"
    docs_url = "https://example.com"
    base_url = "http://127.0.0.1"
    usd_per_credit = 0.002
    rate: ClassVar[Rate] = Rate(requests=1_000, per_seconds=1, concurrency=8)
    capabilities: ClassVar[tuple[Capability, ...]] = (
        Capability(question=NormalizeDomain, price_credits=1, call_class="B"),
    )

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        return request

    def request(self, question: Question) -> HttpRequest:
        assert isinstance(question, NormalizeDomain)
        asked = f"b-{question.value}"
        return HttpRequest(url=f"{self.base_url}/bench/paid?x={asked}", headers={"x-call-id": asked})

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        body = response.json()
        if response.status != 200 or not isinstance(body, dict):
            return Refused("vendor_down", f"The server answered {response.status}.")
        return Found(Text(text=str(body["value"])), charged_credits=1)
