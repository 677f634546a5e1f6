"""Tavily: web search for language models, the text of pages, and reports. docs.tavily.com (read 2026-11)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import orjson

from spadework.core.errors import InvalidInput
from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug import reading, web_answers
from spadework.plug.provider import (
    Capability,
    Found,
    HttpProvider,
    KeyField,
    NotFound,
    Outcome,
    Pending,
    Rate,
    RefusalKind,
    Refused,
)
from spadework.plug.questions import Cited, Question, ReadPage, ResearchReport, ResearchTopic, SearchWeb

_RESULTS_AT_MOST = 20
_RESEARCH = "/research"
_RUNNING = ("pending", "in_progress")
_SOURCES_AT_MOST = 100
_TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,600}")
# 432 is the plan's limit and 433 that of paying as one goes; nobody else uses these.
_REFUSALS: dict[int, RefusalKind] = {
    400: "invalid_request", 401: "bad_key", 403: "forbidden", 404: "invalid_request", 422: "invalid_request",
    429: "rate_limited", 432: "out_of_credits", 433: "out_of_credits",
}  # fmt: skip


class Tavily(HttpProvider):
    """Searches at basic depth, which costs half of the advanced one; research by the smaller of two models.

    A research task is created by POST and asked for by GET until it is completed or failed; asking is free.
    There is neither an idempotency key nor a list of tasks, so one whose creation got no reply is lost to us.
    """

    key = "tavily"
    label = "Tavily"
    docs_url = "https://docs.tavily.com/documentation/api-reference/endpoint/search"
    summary = "Web search made for language models, the text of pages, and reports on a topic with their sources."
    base_url = "https://api.tavily.com"
    # A key for development has 100 requests a minute, one for production 1,000.
    rate = Rate(requests=100, per_seconds=60.0, concurrency=10)
    # What a credit costs without a plan. Everyone's price differs; set yours in Settings.
    usd_per_credit = 0.008
    key_fields = (KeyField(name="api_key", label="API key"),)
    capabilities: ClassVar[Sequence[Capability]] = (
        Capability(question=SearchWeb, price_credits=1, is_miss_charged=True, call_class="B", needs=(("query",),)),
        # Billed by five pages; the reply says whether this one began a new five.
        Capability(question=ReadPage, price_credits=1, call_class="B", needs=(("url",),)),
        # The smaller model takes 4 to 110 credits and no documented reply says how many it took, so the most counts.
        Capability(question=ResearchTopic, price_credits=110, call_class="B", needs=(("instructions",),)),
    )

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """The request with the key as a bearer token."""
        return request.with_headers(Authorization=f"Bearer {credentials.get('api_key', '')}")

    def request(self, question: Question) -> HttpRequest:
        """The request that asks the question; a search lists at most 20.

        Raises:
            InvalidInput: Tavily does not answer such a question, or a part of it cannot be read.
        """
        match question:
            case SearchWeb():
                return _post("search", question, _search(question))
            case ReadPage():
                return _post("extract", question, {"urls": [question.url], "format": "text", "include_usage": True})
            case ResearchTopic():
                return _post("research", question, _research(question))
        raise InvalidInput(f"Tavily does not answer {question.label!r}. Choose another provider.")

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The outcome of any Tavily reply; the path says which."""
        body = reading.mapping(reading.parse(response.body))
        if not 200 <= response.status < 300:
            kind = _REFUSALS.get(response.status, "vendor_down" if response.status >= 500 else "garbage")
            return reading.refused(self.label, kind, response, _said(body.get("detail")))
        if _is_research(request):
            return self._report(request, response, body)
        listed = body.get("results")
        if not isinstance(listed, list):
            return self._garbage(response)
        cost = reading.amount(reading.mapping(body.get("usage")).get("credits"))
        if reading.path(request).endswith("/extract"):
            return self._page(request, response, body, reading.mappings(listed), cost)
        if not listed:
            return NotFound()
        found = web_answers.results(
            reading.mappings(listed), response, url="url", snippet="content", published="published_date"
        )
        return Found(found, charged_credits=cost) if found else self._garbage(response)

    def _page(
        self, request: HttpRequest, response: HttpResponse, body: dict[str, Any], listed: list[dict[str, Any]],
        cost: float | None,
    ) -> Outcome:  # fmt: skip
        asked = reading.texts(reading.mapping(request.json_body).get("urls"))
        one = listed[0] if listed else {}
        found = web_answers.page(
            asked[0] if asked else reading.text(one.get("url")) or "",
            response,
            text=one.get("raw_content"),
            title=one.get("title"),
            final_url=one.get("url"),
        )
        if found:
            return Found(found, charged_credits=cost)
        failed = reading.mappings(body.get("failed_results"))
        if not failed:
            return self._garbage(response)
        return NotFound(
            f"Tavily could not read that page ({reading.text(failed[0].get('error')) or 'no reason given'})"
        )

    def _report(self, request: HttpRequest, response: HttpResponse, body: dict[str, Any]) -> Outcome:
        status, task_id = reading.text(body.get("status")), reading.text(body.get("request_id"))
        if task_id is None or not _TASK_ID.fullmatch(task_id):
            return self._garbage(response)
        if status in _RUNNING:
            url = f"{self.base_url}{_RESEARCH}/{task_id}"
            return Pending(HttpRequest(url=url, purpose=request.purpose), after_seconds=10.0, task_id=task_id)
        if status == "failed":
            why = _said(body.get("error")) or _said(body.get("detail")) or "no reason given"
            return reading.refused(self.label, "vendor_down", response, f"research task {task_id} failed: {why}")
        content = body.get("content")
        data = reading.mapping(reading.clean(content))
        text = orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() if data else reading.clean_text(content)
        if status != "completed" or not text:
            return self._garbage(response)
        cost = reading.amount(reading.mapping(body.get("usage")).get("credits"))
        report = ResearchReport(text=text, sources=_sources(body.get("sources")), data=data, task_id=task_id)
        return Found(report, charged_credits=cost)

    def _garbage(self, response: HttpResponse) -> Refused:
        return reading.refused(self.label, "garbage", response, response.text[:100])


def _search(question: SearchWeb) -> dict[str, Any]:
    after, hosts = web_answers.check_search(question)
    wanted: dict[str, Any] = {
        "query": question.query,
        "search_depth": "basic",
        "max_results": max(1, min(question.limit, _RESULTS_AT_MOST)),
        "include_usage": True,
    }
    if hosts:
        wanted["include_domains"] = list(hosts)
    if after:
        wanted["start_date"] = after.isoformat()
    return wanted


def _research(question: ResearchTopic) -> dict[str, Any]:
    wanted: dict[str, Any] = {"input": question.instructions, "model": "mini", "citation_format": "numbered"}
    if question.output_schema.strip():
        schema = reading.mapping(reading.parse(question.output_schema.encode()))
        properties = reading.mapping(schema.get("properties"))
        if not properties:
            raise InvalidInput("The form of the answer is no JSON Schema of an object with properties. Correct it.")
        # Anything else at the top level is refused.
        wanted["output_schema"] = {"properties": properties, "required": list(reading.texts(schema.get("required")))}
    return wanted


def _sources(listed: Any) -> tuple[Cited, ...]:
    """The pages a report names, each once."""
    found = {
        url: Cited(url=url, title=reading.text(each.get("title")))
        for each in reading.mappings(listed)
        if (url := web_answers.web_address(each.get("url")))
    }
    return tuple(found.values())[:_SOURCES_AT_MOST]


def _is_research(request: HttpRequest) -> bool:
    return f"{_RESEARCH}/" in f"{reading.path(request)}/"


def _said(detail: Any) -> str | None:
    """The reason; a validation error sends a list of them."""
    if isinstance(detail, list):
        return "; ".join(said for each in reading.mappings(detail) if (said := reading.text(each.get("msg"))))
    return reading.text(reading.mapping(detail).get("error")) or reading.text(detail)


def _post(path: str, question: Question, body: dict[str, Any]) -> HttpRequest:
    return HttpRequest(method="POST", url=f"{Tavily.base_url}/{path}", json_body=body, purpose=question.capability)
