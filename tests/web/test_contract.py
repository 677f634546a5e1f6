"""The OpenAPI document is the whole truth: every route, its permission, its effects, and what each id is an id of."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route, WebSocketRoute

from spadework.accounts import rules
from spadework.accounts.types import Principal
from spadework.app import App
from spadework.core.db import Database
from spadework.core.errors import Misconfigured
from spadework.core.ids import AccountId, new_id
from spadework.web import main as web
from spadework.web import routes as web_routes
from spadework.web.auth import public, require
from tests.conftest import add_person, browser, sign_in
from tests.web.contract import operations

# Routes that are no operations, each with its reason.
NOT_OPERATIONS = {
    "/openapi.json": "the document itself",
    "/v3/live": "a WebSocket, which OpenAPI cannot describe",
    "/{path:path}": "the built pages",
}
# Named like ids of ours, and are not, each with its reason.
NOT_REFERENCES = {
    "ModelReply.id": "a vendor's own name of its model",
    "WorkflowFieldReply.id": "the name a script knows the field by",
}
ANYBODY = {
    "GET /healthz", "GET /readyz", "POST /v3/session", "GET /v3/session/bootstrap", "POST /v3/session/bootstrap",
}  # fmt: skip


def test_every_route_is_in_the_document_and_nothing_else_is(site: web.Site) -> None:
    routes = {
        f"{method} {route.path}"
        for route in site.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    assert routes == {str(each) for each in operations(site)}
    others = {
        route.path
        for route in site.routes
        if isinstance(route, Route | WebSocketRoute) and not isinstance(route, APIRoute)
    }
    assert others == set(NOT_OPERATIONS)


def test_every_operation_names_a_known_permission_and_its_effects(site: web.Site) -> None:
    for each in operations(site):
        assert each.permission == "public" or each.permission in rules.all_permissions(), each
        assert each.spec["x-effects"] in ("none", "spend", "send", "write-external"), each
        assert ("security" in each.spec) is (each.permission != "public"), each


def test_only_these_operations_are_for_anybody(site: web.Site) -> None:
    assert {str(each) for each in operations(site) if each.permission == "public"} == ANYBODY


def test_operations_have_names_that_generated_clients_can_use(site: web.Site) -> None:
    ids = [each.spec["operationId"] for each in operations(site)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*_[a-z][a-z0-9_]*", each) for each in ids)


def test_whatever_looks_like_an_id_says_what_it_is_an_id_of(site: web.Site) -> None:
    document = site.openapi()
    silent = [f"{each} {p['name']}" for each in operations(site) for p in each.parameters if _is_silent(p["name"], p)]
    for name, schema in document["components"]["schemas"].items():
        silent += [f"{name}.{key}" for key, value in schema.get("properties", {}).items() if _is_silent(key, value)]
    assert set(silent) == set(NOT_REFERENCES)


def _is_silent(name: str, spec: Mapping[str, Any]) -> bool:
    inner = list(_inner(spec.get("schema", spec)))
    is_id = name == "id" or name.endswith(("_id", "_ids")) or any(each.get("format") == "uuid" for each in inner)
    is_no_reference = name in ("request_id", "row_id", "row_ids")
    return is_id and not is_no_reference and not any("x-resource" in each for each in inner)


def _inner(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    for choice in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(choice, []):
            yield from _inner(each)
    if isinstance(schema.get("items"), dict):
        yield from _inner(schema["items"])


def test_request_bodies_refuse_what_they_do_not_name(site: web.Site) -> None:
    for each in operations(site):
        if each.body_schema is not None:
            name = each.body_schema.get("$ref", "").rpartition("/")[2]
            assert name, f"{each} takes a body without a name"
            assert each.document["components"]["schemas"][name].get("additionalProperties") is False, f"{each} {name}"


async def test_the_document_is_served_and_names_every_way_to_sign_in(visitor: httpx2.AsyncClient) -> None:
    document = (await visitor.get("/openapi.json")).json()
    assert set(document["components"]["securitySchemes"]) == {"session", "key"}


IDS: Mapping[str, Any] = {
    kind: new_id()
    for kind in (
        "client", "workbook", "table", "field", "run", "plan", "user", "view", "budget", "call", "upload", "session",
        "api_key", "account", "scope", "cell_version", "step", "prompt", "label_move", "fixture", "experiment",
        "source", "dossier", "contact", "onboarding", "pipeline", "replay",
        "batch", "batch_schedule", "workflow", "workflow_version", "workflow_ledger_entry",
    )
}  # fmt: skip


async def test_every_operation_refuses_whoever_is_not_signed_in(site: web.Site, visitor: httpx2.AsyncClient) -> None:
    for each in operations(site):
        if each.permission == "public":
            continue
        for headers in (
            {},
            {"Authorization": "Bearer sw_live_000000000000_" + "0" * 36},
            {"Authorization": "Basic eDp5"},
        ):
            answer = await visitor.request(**each.request(IDS, {}), headers={"Idempotency-Key": "k", **headers})
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "sign_in_required"), each


@pytest.mark.parametrize("role", sorted(set(rules.all_roles()) - {"owner"}))
async def test_a_role_is_refused_exactly_what_the_table_does_not_give_it(
    site: web.Site, app: App, database: Database, account: AccountId, password_hash: str, role: str
) -> None:
    person = await add_person(database, account, "Bea", role, password_hash)
    async with browser(site, await sign_in(app, person)) as client:
        for each in operations(site):
            if each.permission in ("public", "session.write"):
                continue
            answer = await client.request(**each.request(IDS, {}), headers={"Idempotency-Key": new_id().hex})
            is_refused = answer.status_code == 403 and each.permission in answer.text
            assert is_refused is (each.permission not in rules.permissions_of(role)), f"{each}: {answer.text}"


def test_an_operation_that_declares_no_permission_stops_the_start(app: App) -> None:
    async def forgotten() -> None: ...

    router = web_routes.Router("test")
    router.get("/v3/forgotten")(forgotten)
    site = web.create(app)
    site.router.routes.extend(router.routes)
    with pytest.raises(Misconfigured, match="GET /v3/forgotten does not say who may call it"):
        web.require_permissions(site)


def test_an_operation_on_a_bare_router_stops_the_start(app: App) -> None:
    site = web.create(app)

    @site.get("/v3/bare")
    async def bare(_: Principal | None = public()) -> None: ...  # noqa: B008  # as FastAPI declares them

    with pytest.raises(Misconfigured, match="GET /v3/bare"):
        web.require_permissions(site)


def test_a_permission_nobody_described_cannot_be_declared() -> None:
    with pytest.raises(Misconfigured, match=r"roles\.json"):
        require("workbooks.destroy")
