"""Tavily's wire format over the invented web: `/search`, `/extract`, and `/research` with its tasks.

A task's id says what it is about, so it goes on when the simulator starts anew. The first question for it finds
it waiting and the second at work; the third has the report. Instructions with the word zzqx make one that
fails, and with zzwait one that never ends.
"""

import base64
import re
from typing import Any

from spadework.simulator import web
from spadework.simulator.invented import Draw
from spadework.simulator.wire import Asked, Reply, VendorFault

RESEARCH_CREDITS = 110
"""The most that the smaller model takes; our books count the most, so the simulated account does too."""
_CREATED_AT = "2026-11-20T10:00:00Z"
_TOPIC_CHARACTERS = 180
_SOURCES = 8
_TASK = re.compile(r"/research/sim-([A-Za-z0-9_-]{1,400})")


def answer(asked: Asked) -> Reply:
    """The reply Tavily would give."""
    if asked.headers.get("authorization") == "Bearer bad":
        return refusal("bad_key")
    if asked.path == "/search":
        return _search(asked)
    if asked.path == "/extract":
        return _extract(asked)
    if asked.path == "/research" and asked.method == "POST":
        return _submit(asked)
    if asked.path.startswith("/research/") and asked.method == "GET":
        return _task(asked)
    return _error(404, "There is no such endpoint.")


def refusal(kind: VendorFault, retry_after_seconds: float = 1.0) -> Reply:
    """How Tavily words a refusal; a plan's limit is 432."""
    match kind:
        case "bad_key":
            return _error(401, "Unauthorized: missing or invalid API key (simulated).")
        case "out_of_credits":
            return _error(432, "The simulated plan's limit is reached.")
        case "rate_limited":
            return Reply(
                status=429,
                body={"detail": {"error": "Too many simulated requests."}},
                headers={"retry-after": f"{retry_after_seconds:g}"},
            )
        case "forbidden":
            return _error(403, "The simulated plan does not allow this.")
        case "vendor_down":
            return _error(500, "Internal Server Error")


def _search(asked: Asked) -> Reply:
    query = asked.first("query")
    if not query:
        return Reply(status=422, body={"detail": [{"loc": ["body", "query"], "msg": "Field required"}]})
    pages = web.search(
        query,
        asked.seed,
        limit=asked.body.get("max_results", 5),
        after=asked.first("start_date"),
        domains=asked.every("include_domains"),
    )
    listed: list[dict[str, Any]] = [
        {
            "title": each.title, "url": each.url, "content": web.snippet(each), "score": round(0.95 - no * 0.04, 2),
            "raw_content": None, "published_date": each.published,
        }
        for no, each in enumerate(pages)
    ]  # fmt: skip
    body = {
        "query": query, "follow_up_questions": None, "answer": None, "images": [], "results": listed,
        "response_time": 0.5, "usage": {"credits": 1},
    }  # fmt: skip
    return Reply(body=body, call_class="B", billed_credits=1)


def _extract(asked: Asked) -> Reply:
    urls = asked.every("urls")
    if not urls:
        return Reply(status=422, body={"detail": [{"loc": ["body", "urls"], "msg": "Field required"}]})
    pages = {each: web.read(each, asked.seed) for each in urls}
    results = [{"url": url, "raw_content": page.text, "images": []} for url, page in pages.items() if page]
    failed = [{"url": url, "error": "Failed to fetch url"} for url, page in pages.items() if page is None]
    billed = 1 if results else 0
    body = {"results": results, "failed_results": failed, "response_time": 0.5, "usage": {"credits": billed}}
    return Reply(body=body, call_class="B", billed_credits=billed)


def _submit(asked: Asked) -> Reply:
    instructions = " ".join(asked.first("input").split())
    if not instructions:
        return Reply(status=422, body={"detail": [{"loc": ["body", "input"], "msg": "Field required"}]})
    topic = base64.urlsafe_b64encode(instructions[:_TOPIC_CHARACTERS].encode()).decode().rstrip("=")
    body = {
        "request_id": f"sim-{topic}", "created_at": _CREATED_AT, "status": "pending", "input": instructions,
        "model": asked.first("model") or "auto", "response_time": 0.4,
    }  # fmt: skip
    return Reply(status=201, body=body, call_class="B", billed_credits=RESEARCH_CREDITS)


def _task(asked: Asked) -> Reply:
    task_id, topic = asked.path.removeprefix("/research/"), _topic(asked.path)
    if topic is None:
        return _error(404, "Research task not found")
    state = {"request_id": task_id, "response_time": 0.2}
    if asked.attempt < 3 or "zzwait" in topic.lower():
        return Reply(status=202, body={**state, "status": "pending" if asked.attempt == 1 else "in_progress"})
    pages = web.search(topic, asked.seed, limit=_SOURCES)
    if not pages or "zzqx" in topic.lower():
        return Reply(body={**state, "status": "failed"})
    lines = [f"{web.snippet(each)} [{no}]" for no, each in enumerate(pages, 1)]
    head = f"# Simulated report\n\nMade up for training, from {len(pages)} invented pages."
    return Reply(body={
        **state, "created_at": _CREATED_AT, "status": "completed", "content": "\n\n".join([head, *lines]),
        "sources": [{"title": each.title, "url": each.url, "favicon": None} for each in pages],
        "response_time": 40 + Draw(asked.seed, "tavily research", topic).share(1) * 80,
    })  # fmt: skip


def _topic(path: str) -> str | None:
    """What a task is about, read from its id; None for an id that is none of ours."""
    found = _TASK.fullmatch(path)
    if found is None:
        return None
    try:
        return base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode(errors="ignore") or None
    except ValueError:
        return None


def _error(status: int, message: str) -> Reply:
    return Reply(status=status, body={"detail": {"error": message}})
