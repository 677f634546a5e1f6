"""Requests that nobody should send, to every operation of the contract: each is answered with a sentence, never a crash.

The requests come from the OpenAPI document, so a new operation is covered the day it is written.
"""

import copy
import json
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from spadework.app import App
from spadework.core.ids import new_id
from spadework.web import api
from spadework.web import main as web
from tests.conftest import Person, browser, sign_in
from tests.web.contract import Operation, operations
from tests.web.resources import Made, make_all

FILES = sorted(each.name for each in pkgutil.iter_modules(api.__path__))


def _column(kind: str, **settings: Any) -> dict[str, Any]:
    return {"name": f"My {kind}", "kind": kind, "settings": settings, "condition": "!!{{Company}}", "outputs": []}


_ASK = {"provider": "hunter", "capability": "find_email", "inputs": {"domain": "{{Company}}"}}
_RULE = {"label": "Size", "field": "{{Company}}", "op": "in_range", "values": [1, 10], "weight": 5}
COLUMNS = (
    _column("formula", expression="{{Company}}.length"),
    {"name": "My select", "kind": "select", "settings": {"options": ["A", "B"], "multiple": True}},
    _column("ai", prompt="Is {{Company}} large?", output_fields=[{"name": "size", "type": "select", "options": ["x"]}]),
    _column("enrichment", **_ASK),
    _column("waterfall", steps=[_ASK]),
    _column("rubric", rules=[_RULE], tiers=[{"name": "A", "at_least": 50}]),
)
FILTERS = {"or": [[{"field": "Company", "op": "contains", "value": "Inc"}], [{"field": "Company", "op": "is_empty"}]]}
SORTS = [{"field": "Company", "direction": "desc"}]
ANSWERS = {
    "workbook_name": "Prospects",
    "lead_source": "other",  # no search for each of a thousand odd answers; `preview-count` searches for its own
    "source": {"filters": {"industries": ["Semiconductors"], "locations": ["California"], "sizes": ["51-200"], "limit": 3}},
    "columns": [{**each, "outputs": ["size", {"name": "x"}]} for each in COLUMNS[2:4]],
}  # fmt: skip
STEPS = (
    {"type": "create_workbook", "config": {"name": "Prospects", "isTraining": True}},
    {"type": "create_table", "config": {"name": "Companies", "kind": "ce"}},
    {"type": "add_source", "config": {"sourceType": "empty", "provider": "directory", "filters": {"limit": 2}}},
    {"type": "add_column", "config": {"name": "A", "type": "ai", "prompt": "{{Company}}", "outputSchema": {"x": "text"}}},
    {"type": "add_column", "config": {"name": "B", "type": "waterfall", "settings": {"steps": [_ASK]}}},
    {"type": "run_enrichment", "config": {"columns": ["A", "B"], "runAll": True}},
)  # fmt: skip
DOCUMENT = {"tableName": "Prospects", "steps": [{"order": no, **each} for no, each in enumerate(STEPS, 1)]}
WORKING: Mapping[str, tuple[Any, ...]] = {
    "POST /v3/users": ({"email": "bea@example.com", "name": "Bea", "role": "viewer", "password": "seven quiet herons"},),
    "POST /v3/api-keys": ({"name": "script", "scopes": ["runs.read"], "expires_in_days": 1},),
    "POST /v3/clients": ({"name": "Example", "domain": "example.com", "llm": "scripted", "budget_micro_usd": 5},),
    "PATCH /v3/clients/{client_id}": ({"name": "Renamed", "domain": "example.com", "llm": "scripted", "model": "m"},),
    "PUT /v3/credentials/{kind}/{name}": (
        {"values": {"api_key": "example-key-0123456789"}, "base_url": "http://127.0.0.1:9/v2", "usd_per_credit": 0.1},
    ),
    "PUT /v3/budgets": ({"scope": "client", "scope_id": "{client}", "limit_micro_usd": 1},),
    "POST /v3/tables/{table_id}/fields": COLUMNS,
    "PATCH /v3/fields/{field_id}": ({"name": "Firm", "condition": None, "settings": {}, "width": 100, "position": 0},),
    "POST /v3/tables/{table_id}/import": (
        {"upload_id": "{upload}", "mapping": [{"column": "Company", "field_id": "{field}"}], "mode": "append"},
        {"upload_id": "{upload}", "mapping": [{"column": "Company", "new_field": {"name": "N", "kind": "text"}}]},
    ),
    "POST /v3/plans": ({"client_id": "{client}", "answers": ANSWERS},),
    "PATCH /v3/plans/{plan_id}": ({"document": DOCUMENT},),
    "POST /v3/tables/{table_id}/records": ({"records": [{"cells": {"Company": "Acme"}}]},),
    "PATCH /v3/tables/{table_id}/records": ({"records": [{"row_id": 1, "cells": {"Company": "Acme"}}]},),
    "POST /v3/tables/{table_id}/views": (
        {"name": "Mine", "filters": FILTERS, "sorts": SORTS, "columns": {"{field}": {"width": 10, "is_hidden": True}}},
    ),
    "PATCH /v3/views/{view_id}": ({"name": "Mine", "filters": FILTERS["or"][0], "sorts": SORTS},),
}  # fmt: skip
"""Bodies that work, beyond what the schema alone tells; `{client}` and so on are the ids of those things."""
_IN_QUERY = {"filter": FILTERS, "sort": SORTS}

IN_PATHS = ("x", "-1", "0", "9" * 40, "1.5", "%00", "..%2f..%2fetc", "' or 1=1 --", "😀", "0" * 3000)
IN_QUERIES = (
    "", "-1", "0", "9" * 40, "1.5", "nan", "true", "\x00", "' or 1=1 --", "😀", "[" * 5000, "{}", "[1]", '[{"a":1}]',
    '{"op":"and","conditions":[null]}', '{"field":{},"op":[]}', "x" * 20_001,
)  # fmt: skip
IN_BODIES: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 2**63, 10**30, 10**400, 1e308, float("nan"), "", "x", "a\x00b", "\ud800", "{{", "{{f_0}}",
    "{{Company}} &&", "x" * 5000, [], [[]], [None], ["x", "x"], {}, {"": None}, {"a": {"b": [1]}}, {"type": "x"},
)  # fmt: skip
NO_CURSORS = (
    "9" * 40, str(2**63), "²", "-1", "1.5", "x", "[]", '["2026-01-01",[1]]', '["2026-01-01",7]', '[1,2]',
    '["0001-01-01T00:00:00+14:00","01a1ff4c-24f0-7c39-86ac-e939c0f808cc"]', '{"a":1,"b":2}',
)  # fmt: skip
WHOLE_BODIES = (
    b"", b"{", b"null", b"1", b'"x"', b"[]", b"[{}]", b'{"a":1,"a":2}', b'{"__proto__":{}}', b"\xff\xfe\x00", b"{}" * 3,
    b'{"\\u0000":1}', b'{"a":' + b"[" * 60 + b"]" * 60 + b"}",
)  # fmt: skip


@dataclass(frozen=True)
class Odd:
    """One odd request, and what is odd about it."""

    what: str
    arguments: Mapping[str, Any]


def odd_requests(operation: Operation, made: Made) -> Iterator[Odd]:
    """The operation's request with one thing odd in each: a part of its address, a parameter, a place in its body."""
    fine = operation.request(made, {})
    for each in operation.parameters:
        if each["in"] == "path":
            for text in IN_PATHS:
                yield Odd(f"path {each['name']}={text[:40]!r}", {**fine, "url": _address(operation, made, each, text)})
        if each["in"] == "query":
            for text in IN_QUERIES:
                yield Odd(f"query {each['name']}={text[:40]!r}", _with_query(fine, each["name"], text))
            for changed in _odd_versions(_IN_QUERY.get(each["name"])):
                yield Odd(f"query {each['name']} with {changed[0]}", _with_query(fine, each["name"], changed[1]))
    yield Odd("an unknown parameter", _with_query(fine, "nobody_asked", "x"))
    for content in WHOLE_BODIES:
        yield Odd(f"body {content[:40]!r}", _with_content(fine, content))
    if operation.body_schema is None:
        return
    bodies = [_with_ids(each, made) for each in WORKING.get(str(operation), ())] or [whole(operation, made)]
    for body in bodies:
        yield Odd("a body that works", _with_content(fine, _to_json(body)))
        yield Odd("a body with a field too much", _with_content(fine, _to_json({**body, "nobody_asked": 1})))
        for what, content in _odd_versions(body, is_another=body is not bodies[0]):
            yield Odd(f"body with {what}", _with_content(fine, content.encode()))
    yield Odd("a body of a million characters", _with_content(fine, _to_json(dict.fromkeys(body, "x" * 1_000_001))))


def whole(operation: Operation, made: Made, within: Mapping[str, Any] | None = None, depth: int = 0) -> Any:
    """A body with every field that the schema knows, required or not."""
    schema = operation._resolve(within if within is not None else operation.body_schema or {})
    if kind := schema.get("x-resource"):
        return str(made[kind])
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            options = [each for each in schema[choice] if operation._resolve(each).get("type") != "null"]
            return whole(operation, made, options[-1], depth)
    if "properties" in schema and depth < 5:
        return {name: whole(operation, made, each, depth + 1) for name, each in schema["properties"].items()}
    if schema.get("type") == "array" and depth < 5:
        return [whole(operation, made, schema["items"], depth + 1)]
    return operation.example(schema, made, {}, ())


@pytest.mark.parametrize("file", FILES)
async def test_an_odd_request_is_answered_with_a_sentence_and_never_a_crash(
    site: web.Site, app: App, ana: Person, file: str
) -> None:
    wrong: list[str] = []
    for operation in operations(site):
        if file_of(site, operation) != file:
            continue
        async with app.database.transaction(ana.account_id) as tx:
            made = await make_all(tx, ana, app.settings.home)
        session = await sign_in(app, ana)
        async with browser(site, session) as client:
            for odd in odd_requests(operation, made):
                client.cookies.set("spadework_session", session.token)
                answer = await client.request(**odd.arguments)
                if answer.status_code == 401 and operation.permission != "public":
                    session = await sign_in(app, ana)  # the operation ended the session, as some are for
                if complaint := complaint_about(answer):
                    wrong.append(f"{operation} with {odd.what}: {complaint}")
    assert wrong == []


async def test_the_bodies_that_the_odd_ones_are_made_from_work(site: web.Site, app: App, ana: Person) -> None:
    refused: list[str] = []
    async with browser(site, await sign_in(app, ana)) as client:
        for operation in operations(site):
            for body in WORKING.get(str(operation), ()):
                async with app.database.transaction(ana.account_id) as tx:
                    made = await make_all(tx, ana, app.settings.home)
                content = _to_json(_with_ids(body, made))
                answer = await client.request(**_with_content(operation.request(made, {}), content))
                if answer.status_code >= 300:
                    refused.append(f"{operation}: {answer.text[:300]}")
    assert refused == []


async def test_a_list_asked_for_from_a_place_it_never_gave_out_says_so(site: web.Site, app: App, ana: Person) -> None:
    async with app.database.transaction(ana.account_id) as tx:
        made = await make_all(tx, ana, app.settings.home)
    lists = [each for each in operations(site) if any(one["name"] == "cursor" for one in each.parameters)]
    taken: list[str] = []
    async with browser(site, await sign_in(app, ana)) as client:
        for operation in lists:
            for text in NO_CURSORS:
                answer = await client.request(**_with_query(operation.request(made, {}), "cursor", text))
                if answer.status_code != 422:
                    taken.append(f"{operation} with {text}: {answer.status_code} {answer.text[:200]}")
    assert taken == []


async def test_every_operation_is_tried(site: web.Site) -> None:
    assert {file_of(site, each) for each in operations(site)} <= set(FILES)


def complaint_about(answer: httpx2.Response) -> str | None:
    """What is wrong with an answer: a crash, or a refusal that is not in our one shape with a whole sentence of readable length."""
    if answer.status_code < 400:
        return None
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} in another shape: {answer.text[:200]}"
    if answer.status_code >= 500 or set(error) != {"code", "message", "details", "request_id"}:
        return f"{answer.status_code} {json.dumps(error)[:300]}"
    is_sentence = error["message"].endswith((".", "?", "`"))
    return None if is_sentence and len(error["message"]) <= 1000 else f"no sentence: {error['message'][:300]!r}"


def file_of(site: web.Site, operation: Operation) -> str:
    """The file in `web/api` that the operation stands in."""
    for route in site.routes:
        if getattr(route, "path", None) == operation.path and operation.method.upper() in getattr(route, "methods", ()):
            return str(route.endpoint.__module__.rpartition(".")[2])  # type: ignore[attr-defined]
    raise AssertionError(f"{operation} has no route")


_GONE = object()
_SHARES = 4


def _odd_versions(body: Any, *, is_another: bool = False) -> Iterator[tuple[str, str]]:
    """The JSON of the body with one place changed in each, and which one to what.

    A field of the body itself takes every odd value. Deeper, and in another body of the same operation, many
    places are read by the same code: each takes its share, so that all values are still tried in less time.
    """
    for number, path in enumerate(_paths(body)):
        yield f"{path} gone", json.dumps(_changed(body, path, _GONE))
        shares = 1 if len(path) == 1 and not is_another else _SHARES
        for value in IN_BODIES[number % shares :: shares]:
            yield f"{path} {str(value)[:40]!r}", json.dumps(_changed(body, path, value))


def _with_ids(body: Any, made: Made) -> Any:
    text = json.dumps(body)
    for kind, value in made.items():
        text = text.replace("{" + kind + "}", str(value))
    return json.loads(text)


def _paths(body: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in inner:
        yield (*path, name)
        yield from _paths(value, (*path, name))


def _changed(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    place = changed
    for step in path[:-1]:
        place = place[step]
    if value is _GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


def _to_json(body: Any) -> bytes:
    # As careless as a client can be: NaN, half surrogates and endless integers are written as they are.
    return json.dumps(body).encode()


def _with_content(fine: Mapping[str, Any], content: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "X-Spadework": "1", "Idempotency-Key": new_id().hex}
    return {**{name: value for name, value in fine.items() if name != "json"}, "content": content, "headers": headers}


def _with_query(fine: Mapping[str, Any], name: str, text: str) -> dict[str, Any]:
    return {**fine, "params": {**fine["params"], name: text}}


def _address(operation: Operation, made: Made, odd: Mapping[str, Any], text: str) -> str:
    url = operation.path
    for each in operation.parameters:
        if each["in"] == "path":
            value = text if each["name"] == odd["name"] else None
            kind = operation._kind(each["schema"])
            shown = value if value is not None else made[kind] if kind else "1"
            url = url.replace("{" + each["name"] + "}", quote(str(shown), safe="%"))
    return url
