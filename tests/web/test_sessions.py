"""Signing in through the web: cookies, what ends them, and what answers do not tell."""

import httpx2

from spadework.accounts.actions import accounts
from spadework.app import App
from spadework.core.db import Database
from spadework.core.secrets import Box
from spadework.web import main as web
from tests.conftest import PASSWORD, Person, add_person, browser, sign_in


async def enter(client: httpx2.AsyncClient, person: Person, password: str = PASSWORD) -> httpx2.Response:
    return await client.post("/v3/session", json={"email": person.email, "password": password})


async def test_signing_in_answers_who_where_and_what_and_opens_the_door(
    visitor: httpx2.AsyncClient, ana: Person
) -> None:
    assert (await visitor.get("/v3/session")).status_code == 401
    answer = await enter(visitor, ana)
    assert answer.status_code == 200
    body = answer.json()
    assert body["user"] == {"id": str(ana.id), "email": ana.email, "name": "Ana", "role": "owner"}
    assert body["account"]["id"] == str(ana.account_id)
    assert "plans.approve" in body["permissions"]
    assert (await visitor.get("/v3/session")).json() == body


async def test_on_this_machine_the_cookie_is_plain_and_hidden_from_scripts(
    visitor: httpx2.AsyncClient, ana: Person
) -> None:
    cookie = (await enter(visitor, ana)).headers.get_list("set-cookie")[0]
    assert cookie.startswith("spadework_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "Domain" not in cookie


async def test_over_https_the_cookie_is_bound_to_the_host(site: web.Site, ana: Person) -> None:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=site), base_url="https://gtm.example.com",
        headers={"Sec-Fetch-Site": "same-origin"},
    ) as client:  # fmt: skip
        cookie = (await enter(client, ana)).headers.get_list("set-cookie")[0]
        assert cookie.startswith("__Host-spadework=")
        assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(cookie.split("; "))
        assert (await client.get("/v3/session")).status_code == 200


async def test_plain_http_over_the_network_does_not_sign_in(site: web.Site, ana: Person) -> None:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=site), base_url="http://gtm.example.com",
        headers={"Sec-Fetch-Site": "same-origin"},
    ) as client:  # fmt: skip
        answer = await enter(client, ana)
    assert (answer.status_code, "SPADEWORK_PUBLIC_URL" in answer.text) == (403, True)
    assert "set-cookie" not in answer.headers


async def test_each_signing_in_gives_a_new_token_and_ends_the_one_before(
    visitor: httpx2.AsyncClient, site: web.Site, ana: Person
) -> None:
    await enter(visitor, ana)
    first = visitor.cookies["spadework_session"]
    await enter(visitor, ana)
    assert visitor.cookies["spadework_session"] != first
    async with browser(site) as old:
        old.cookies.set("spadework_session", first)
        assert (await old.get("/v3/session")).status_code == 401


async def test_signing_out_ends_the_session_and_removes_the_cookie(client: httpx2.AsyncClient) -> None:
    answer = await client.delete("/v3/session")
    assert answer.status_code == 204
    assert 'spadework_session=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert (await client.get("/v3/session")).status_code == 401


async def test_a_wrong_password_and_an_unknown_address_answer_the_same(
    visitor: httpx2.AsyncClient, ana: Person
) -> None:
    answers = []
    for email in (ana.email, f"nobody.{ana.id.hex}@example.com"):
        answer = await visitor.post("/v3/session", json={"email": email, "password": "not the password"})
        error = answer.json()["error"]
        del error["request_id"]
        answers.append((answer.status_code, error, sorted(set(answer.headers) - {"x-request-id"})))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401


async def test_too_many_wrong_tries_say_when_to_come_back(visitor: httpx2.AsyncClient, ana: Person) -> None:
    for _ in range(6):
        assert (await enter(visitor, ana, "not the password")).status_code == 401
    answer = await enter(visitor, ana)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 30


async def test_another_session_can_be_seen_and_ended_and_only_by_its_owner(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, site: web.Site, app: App, ana: Person
) -> None:
    async with browser(site, await sign_in(app, ana)) as phone:
        listed = (await client.get("/v3/sessions")).json()["data"]
        assert sorted(each["is_current"] for each in listed) == [False, True]
        other = next(each["id"] for each in listed if not each["is_current"])
        assert (await stranger.delete(f"/v3/sessions/{other}")).status_code == 404
        assert (await phone.get("/v3/session")).status_code == 200
        assert (await client.delete(f"/v3/sessions/{other}")).status_code == 204
        assert (await phone.get("/v3/session")).status_code == 401


async def test_a_colleague_cannot_end_somebody_elses_session(
    client: httpx2.AsyncClient, site: web.Site, app: App, ana: Person, password_hash: str
) -> None:
    bea = await add_person(app.database, ana.account_id, "Bea", "admin", password_hash)
    mine = (await client.get("/v3/sessions")).json()["data"][0]["id"]
    async with browser(site, await sign_in(app, bea)) as hers:
        assert (await hers.delete(f"/v3/sessions/{mine}")).status_code == 404
    assert (await client.get("/v3/session")).status_code == 200


async def test_a_changed_password_keeps_this_browser_in_and_throws_the_others_out(
    client: httpx2.AsyncClient, site: web.Site, app: App, ana: Person
) -> None:
    async with browser(site, await sign_in(app, ana)) as phone:
        answer = await client.post(
            "/v3/session/password", json={"current": PASSWORD, "new": "eleven pale moths adrift"}
        )
        assert answer.status_code == 200
        assert (await client.get("/v3/session")).status_code == 200
        assert (await phone.get("/v3/session")).status_code == 401


async def test_the_one_time_link_makes_an_owner_once(visitor: httpx2.AsyncClient, database: Database, box: Box) -> None:
    link = await accounts.make_bootstrap_link(database, box, address="http://localhost:8300", is_recovery=True)
    assert link is not None
    token = link.partition("token=")[2]
    body = {"token": token, "email": f"{token[:8]}@example.com", "name": "Ana", "password": "eleven pale moths adrift"}
    assert (await visitor.get("/v3/session/bootstrap", params={"token": token})).json() == {"is_valid": True}
    assert (await visitor.post("/v3/session/bootstrap", json={**body, "password": "password"})).status_code == 422
    entered = await visitor.post("/v3/session/bootstrap", json={**body, "account_name": "Ana's Agency"})
    assert (entered.status_code, entered.json()["account"]["name"]) == (200, "Ana's Agency")
    assert (await visitor.get("/v3/session")).json()["user"]["role"] == "owner"
    assert (await visitor.get("/v3/session/bootstrap", params={"token": token})).json() == {"is_valid": False}
    assert (await visitor.post("/v3/session/bootstrap", json=body)).status_code == 404


async def test_a_password_is_nowhere_in_a_refusal(visitor: httpx2.AsyncClient, ana: Person) -> None:
    body = {"email": ana.email, "password": "my-secret-password", "role": "owner"}
    answer = await visitor.post("/v3/session", json=body)
    assert (answer.status_code, "my-secret-password" in answer.text) == (422, False)
