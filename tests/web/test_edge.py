"""What every request meets at the door: limits, unreadable input, headers, health."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from spadework.app import App
from spadework.core.db import Database
from spadework.core.errors import DatabaseUnavailable
from spadework.core.ids import AccountId
from spadework.web import main as web
from spadework.web import pages
from tests.conftest import ADDRESS, Person, browser, sign_in

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "manifest-src 'self'"
)


@pytest.mark.parametrize("path", ["/v3/session", "/healthz", "/", "/v3/nothing", "/openapi.json"])
async def test_every_answer_carries_the_protecting_headers(visitor: httpx2.AsyncClient, path: str) -> None:
    headers = (await visitor.get(path)).headers
    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-request-id"]
    assert "server" not in headers
    assert "strict-transport-security" not in headers  # it is not served over https


async def test_over_https_browsers_are_told_to_stay_there(app: App) -> None:
    settings = dataclasses.replace(app.settings, public_url="https://gtm.example.com")
    site = web.create(App(**{**vars(app), "settings": settings}))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=site), base_url=ADDRESS) as client:
        headers = (await client.get("/healthz")).headers
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


async def test_answers_of_the_api_are_never_cached(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/v3/session")).headers["cache-control"] == "no-store"


async def test_a_refusal_has_one_shape_and_the_id_of_its_request(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.get("/v3/session")
    assert answer.json() == {
        "error": {
            "code": "sign_in_required",
            "message": "Sign in first, or send a valid API key as `Authorization: Bearer sw_…`.",
            "details": {},
            "request_id": answer.headers["x-request-id"],
        }
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v3/nothing", 404),
        ("DELETE", "/v3/clients", 405),
        ("GET", "/v3/session/password", 405),
        ("POST", "/", 405),
    ],
)
async def test_a_wrong_address_or_method_gets_the_same_shape(
    visitor: httpx2.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await visitor.request(method, path)
    assert (answer.status_code, set(answer.json()["error"])) == (status, {"code", "message", "details", "request_id"})


@pytest.mark.parametrize("field", ["account_id", "id", "role", "created_at", "archived_at", "spent_micro_usd"])
async def test_a_field_nobody_asked_for_is_refused_by_name(client: httpx2.AsyncClient, field: str) -> None:
    answer = await client.post("/v3/clients", json={"name": "Example", field: "x"})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == field
    assert (await client.get("/v3/clients")).json()["data"] == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"name": NaN}', b"[]", b'"x"', b"\xff\xfe", b'{"name": "a\\u0000b"}', b'{"name": "\\ud800"}', b"null",
     b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"],
)  # fmt: skip
async def test_a_body_that_cannot_be_read_is_refused_and_changes_nothing(
    client: httpx2.AsyncClient, content: bytes
) -> None:
    answer = await client.post("/v3/clients", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input")
    assert (await client.get("/v3/clients")).json()["data"] == []


async def test_text_that_only_looks_like_an_escaped_nul_is_taken(client: httpx2.AsyncClient) -> None:
    made = await client.post("/v3/clients", json={"name": r"C:\u0000"})
    assert (made.status_code, made.json()["name"]) == (201, r"C:\u0000")


async def test_nul_in_an_address_is_refused(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/v3/clients?cursor=%00")).status_code == 422


async def test_deep_nesting_is_refused(client: httpx2.AsyncClient) -> None:
    content = "x"
    for _ in range(21):
        content = {"values": content}  # type: ignore[assignment]
    answer = await client.put("/v3/credentials/provider/hunter", json=content)
    assert (answer.status_code, "20 levels" in answer.text) == (422, True)


@pytest.mark.parametrize("is_announced", [True, False])
async def test_a_body_above_ten_megabytes_is_refused_before_it_is_read(
    client: httpx2.AsyncClient, is_announced: bool
) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(20):
            sent += 1
            yield b" " * 1_000_000

    headers = {"Content-Type": "application/json", **({"Content-Length": "20000000"} if is_announced else {})}
    answer = await client.post("/v3/clients", content=chunks(), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "limit_reached")


async def test_an_operation_without_a_body_takes_none(client: httpx2.AsyncClient) -> None:
    made = (await client.post("/v3/clients", json={"name": "Example"})).json()
    answer = await client.request("DELETE", f"/v3/clients/{made['id']}", json={"really": False})
    assert answer.status_code == 422


async def test_a_key_is_slowed_down_after_a_hundred_and_twenty_requests_at_once(
    client: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    key = (await client.post("/v3/api-keys", json={"name": "script", "scopes": ["clients.read"]})).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    answers = [await visitor.get("/v3/clients", headers=headers) for _ in range(200)]
    slowed = [each for each in answers if each.status_code == 429]
    assert answers[119].status_code == 200
    assert slowed
    assert slowed[0].headers["retry-after"] == "1"


async def test_health_is_good_while_everything_runs(visitor: httpx2.AsyncClient) -> None:
    for path in ("/healthz", "/readyz"):
        assert (await visitor.get(path)).json() == {"status": "ok"}


async def test_without_its_database_the_process_lives_and_is_not_ready(app: App, database: Database) -> None:
    class Gone(Database):
        def read(self, account_id: object) -> object:  # type: ignore[override]
            raise DatabaseUnavailable("Postgres cannot be reached.")

    gone = App(**{**vars(app), "database": Gone(database._pool, database.dsn)})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=web.create(gone)), base_url=ADDRESS) as client:
        assert (await client.get("/healthz")).status_code == 200
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")


async def test_a_statement_that_holds_a_request_up_is_broken_off_except_over_a_whole_table(
    client: httpx2.AsyncClient, app: App, database: Database, account: AccountId, ana: Person
) -> None:
    made = (await client.post("/v3/clients", json={"name": "Example"})).json()
    book = (await client.post("/v3/workbooks", json={"client_id": made["id"], "name": "Book"})).json()
    path = f"/v3/tables/{book['tables'][0]['id']}"
    site = web.create(app, statement_seconds=1)
    async with site.router.lifespan_context(site), browser(site, await sign_in(app, ana)) as hasty:
        async with database.transaction(account) as tx:
            await tx.fetch("select id from tables for update")
            slow = await hasty.patch(path, json={"name": "Renamed"})
            deleting = asyncio.create_task(hasty.delete(path))
            await asyncio.sleep(2)
        assert (slow.status_code, slow.json()["error"]["code"]) == (503, "unavailable")
        assert (await deleting).status_code == 204


# Pages ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def built(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser on a small built interface."""
    (tmp_path / "static" / "assets").mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text("<!doctype html>the page")
    (tmp_path / "static" / "favicon.svg").write_text("<svg/>")
    (tmp_path / "static" / "assets" / "main-abc123.js").write_text("start()")
    (tmp_path / "secret.key").write_text("secret")
    site = Starlette()
    pages.add_pages(site.router, tmp_path / "static")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=site), base_url=ADDRESS) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/workbooks/0190", "/welcome?token=x", "/index.html", "/settings/keys"])
async def test_every_screens_address_gets_the_page_which_is_asked_for_anew(
    built: httpx2.AsyncClient, path: str
) -> None:
    answer = await built.get(path)
    assert (answer.text, answer.headers["cache-control"]) == ("<!doctype html>the page", "no-cache")


async def test_built_files_are_kept_for_ever(built: httpx2.AsyncClient) -> None:
    answer = await built.get("/assets/main-abc123.js")
    assert (answer.text, answer.headers["cache-control"]) == ("start()", "public, max-age=31536000, immutable")
    assert "javascript" in answer.headers["content-type"]


@pytest.mark.parametrize(
    "path", ["/assets/gone-000000.js", "/../secret.key", "/%2e%2e/secret.key", "/assets/..%2f..%2fsecret.key"]
)
async def test_a_missing_file_is_missing_and_nothing_outside_is_served(built: httpx2.AsyncClient, path: str) -> None:
    answer = await built.get(path)
    assert (answer.status_code, "secret" in answer.text) == (404, False)


async def test_an_unbuilt_interface_says_how_to_build_it(tmp_path: Path) -> None:
    site = Starlette()
    pages.add_pages(site.router, tmp_path)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=site), base_url=ADDRESS) as client:
        answer = await client.get("/")
    assert (answer.status_code, "make" in answer.text) == (503, True)


def test_the_document_is_plain_json(site: web.Site) -> None:
    assert json.loads(json.dumps(site.openapi())) == site.openapi()
