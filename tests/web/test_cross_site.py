"""Another site's page cannot make a signed-in browser change anything."""

from typing import Any

import httpx2
import pytest

from spadework.app import App
from spadework.web import main as web
from tests.conftest import ADDRESS, Person, browser, sign_in

JSON = {"Content-Type": "application/json"}
OURS = {"Sec-Fetch-Site": "same-origin", **JSON}


async def post(client: httpx2.AsyncClient, headers: dict[str, str], path: str = "/v3/clients") -> httpx2.Response:
    client.headers.pop("Sec-Fetch-Site", None)
    return await client.post(path, content=b'{"name": "Example"}', headers=headers)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OURS, 201),
        ({**OURS, "Sec-Fetch-Site": "none"}, 201),
        ({**OURS, "Sec-Fetch-Site": "same-site"}, 403),
        ({**OURS, "Sec-Fetch-Site": "cross-site"}, 403),
        ({**OURS, "Sec-Fetch-Site": "cross-site", "Origin": ADDRESS}, 403),  # the browser's own word counts more
        ({**JSON, "Origin": ADDRESS}, 201),  # an older browser
        ({**JSON, "Origin": "http://evil.example.com"}, 403),
        ({**JSON, "Origin": "http://localhost:9999"}, 403),
        ({**JSON, "Origin": "null"}, 403),
        (JSON, 403),  # a cookie without any word about where it comes from
        ({**OURS, "Content-Type": "text/plain"}, 403),
        ({**OURS, "Content-Type": "application/x-www-form-urlencoded"}, 403),
        ({**OURS, "Content-Type": "multipart/form-data; boundary=x"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 403),
        ({**OURS, "Content-Type": "Application/JSON; charset=utf-8"}, 201),
    ],
)
async def test_with_a_cookie_only_our_own_pages_change_anything(
    client: httpx2.AsyncClient, headers: dict[str, str], status: int
) -> None:
    assert (await post(client, headers)).status_code == status
    count = len((await client.get("/v3/clients")).json()["data"])
    assert count == (1 if status == 201 else 0)


@pytest.mark.parametrize("site_header", ["cross-site", "same-site"])
async def test_deleting_from_another_site_is_refused_too(client: httpx2.AsyncClient, site_header: str) -> None:
    made = (await client.post("/v3/clients", json={"name": "Example"})).json()
    answer = await client.delete(f"/v3/clients/{made['id']}", headers={"Sec-Fetch-Site": site_header})
    assert answer.status_code == 403
    assert (await client.delete(f"/v3/clients/{made['id']}")).status_code == 204


async def test_reading_from_another_site_changes_nothing_and_so_is_not_refused(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/v3/clients", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200


async def test_another_site_cannot_sign_a_browser_in(visitor: httpx2.AsyncClient) -> None:
    body: dict[str, Any] = {"email": "ana@example.com", "password": "whatever it is"}
    answer = await visitor.post("/v3/session", json=body, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def test_a_request_with_a_key_needs_no_such_proof_and_its_cookie_is_ignored(
    site: web.Site, app: App, client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, ana: Person
) -> None:
    made = await client.post("/v3/api-keys", json={"name": "script", "scopes": ["clients.write", "clients.read"]})
    key = made.json()["key"]
    headers = {**JSON, "Authorization": f"Bearer {key}", "Sec-Fetch-Site": "cross-site"}
    # The cookie is another account's; what counts is the key.
    assert (await post(stranger, headers)).status_code == 201
    assert len((await client.get("/v3/clients")).json()["data"]) == 1
    async with browser(site, await sign_in(app, ana)) as with_cookie:
        wrong = {**OURS, "Authorization": "Bearer nonsense"}
        assert (await post(with_cookie, wrong)).status_code == 401
