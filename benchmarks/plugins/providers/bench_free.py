"""A free question to the benchmark server, in the shape of any vendor."""

from collections.abc import Mapping
from typing import ClassVar

from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug.provider import Capability, Found, HttpProvider, Outcome, Rate, Refused
from spadework.plug.questions import NormalizeDomain, Question, Text


class BenchFree(HttpProvider):
    """Answers `normalize_domain` with whatever the server says."""

    key = "bench_free"
    label = "Benchmark, free"
    docs_url = "https://example.com"
    base_url = "http://127.0.0.1"
    rate: ClassVar[Rate] = Rate(requests=1_000_000, per_seconds=1, concurrency=100)
    capabilities: ClassVar[tuple[Capability, ...]] = (Capability(question=NormalizeDomain, call_class="C"),)

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """Needs no key."""
        return request

    def request(self, question: Question) -> HttpRequest:
        """One GET with the value."""
        assert isinstance(question, NormalizeDomain)
        return HttpRequest(url=f"{self.base_url}/bench/free?x={question.value}")

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The server's value."""
        body = response.json()
        if response.status != 200 or not isinstance(body, dict):
            return Refused("vendor_down", f"The benchmark server answered {response.status}.")
        return Found(Text(text=str(body["value"])))
