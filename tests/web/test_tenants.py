"""Another account's id is answered exactly like an id of nothing, wherever an operation takes one.

The cases come from the OpenAPI document, so a new operation is covered the day it is written.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from spadework.accounts.actions import accounts
from spadework.app import App
from spadework.core import db
from spadework.core.db import Database
from spadework.core.ids import new_id
from spadework.core.secrets import Box
from spadework.web import main as web
from tests.conftest import Addresses, Person, add_person, browser, sign_in
from tests.web.contract import Operation, Place, operations
from tests.web.resources import Made, make_all

# What the schema alone does not say about a body that works. A new operation whose positive control
# fails below gets its line here.
BODIES: dict[str, dict[str, Any]] = {
    "PATCH /v3/clients/{client_id}": {"name": "Renamed"},
    "PATCH /v3/users/{user_id}": {"role": "editor"},
    "PUT /v3/budgets": {"scope": "client", "limit_micro_usd": 1},
    "POST /v2/prompts/{prompt_id}/merge": {"branch": "main"},
    "POST /v2/prompts/{prompt_id}/experiments": {"versions": [1]},
    "POST /api/workflows/{workflow_id}/approve": {"script_sha256": "0" * 64},
    "POST /api/workflows/{workflow_id}/runs": {"script_sha256": "0" * 64},
    "POST /api/workflows/{workflow_id}/versions/{version_id}/tests": {"script_sha256": "0" * 64},
}


# Ids that are looked up only when the work they are for begins, in the transaction of its own account.
LOOKED_UP_LATER = {"POST /v3/plans with body answers.source.upload_id (upload)"}


_VARYING = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|[0-9a-f]{64}|\d{4}-\d\d-\d\dT[\d:.]+Z?"
)


@dataclass(frozen=True)
class Case:
    """One operation and the one place of it where somebody else's id is put."""

    operation: Operation
    place: Place

    def __str__(self) -> str:
        return f"{self.operation} with {self.place}"


def cases(site: web.Site) -> list[Case]:
    return [Case(operation, place) for operation in operations(site) for place in operation.places()]


async def call(client: httpx2.AsyncClient, case: Case, own: Made, value: UUID | None) -> httpx2.Response:
    """The operation with all ids the caller's own, except the one in the place, when a value is given."""
    changed = {} if value is None else {case.place: value}
    if value is None and case.place.where != "path":
        changed = {case.place: own[case.place.kind]}
    request = case.operation.request(own, changed)  # type: ignore[arg-type]
    if isinstance(request.get("json"), dict):
        request["json"] = {**request["json"], **BODIES.get(str(case.operation), {})}
    return await client.request(**request, headers={"Idempotency-Key": new_id().hex})


def comparable(answer: httpx2.Response) -> tuple[int, str]:
    """The answer without what differs between any two: ids, digests and moments."""
    return answer.status_code, _VARYING.sub("<varies>", answer.text)


@pytest.fixture
async def olga(database: Database, box: Box, password_hash: str) -> Person:
    """The owner of another account."""
    other = await accounts.create_account(database, box, "Other Agency")
    return await add_person(database, other, "Olga", "owner", password_hash)


async def made_for(app: App, person: Person) -> Made:
    async with app.database.transaction(person.account_id) as tx:
        return await make_all(tx, person, app.settings.home)


async def leaks(site: web.Site, app: App, ana: Person, olga: Person) -> list[str]:
    """What Olga can tell about Ana's things, one line each."""
    found: list[str] = []
    async with browser(site, await sign_in(app, olga)) as client:
        for case in cases(site):
            hers = await made_for(app, ana)
            own = await made_for(app, olga)
            theirs, nothing = hers[case.place.kind], new_id()
            assert isinstance(theirs, UUID)
            seen = comparable(await call(client, case, own, theirs))
            expected = comparable(await call(client, case, own, nothing))
            if seen != expected:
                found.append(f"{case}: {seen} instead of {expected}")
            elif seen[0] != 404 and case.place.where != "query" and str(case) not in LOOKED_UP_LATER:
                found.append(f"{case}: {seen} is not 404")
    return found


async def test_every_id_in_every_place_has_a_maker(site: web.Site, app: App, ana: Person) -> None:
    made = await made_for(app, ana)
    assert {case.place.kind for case in cases(site)} - set(made) == set()


async def test_another_accounts_id_is_answered_like_an_id_of_nothing(
    site: web.Site, app: App, ana: Person, olga: Person
) -> None:
    assert await leaks(site, app, ana, olga) == []


async def test_the_owner_reaches_the_same_thing_by_the_same_request(site: web.Site, app: App, ana: Person) -> None:
    closed: list[str] = []
    for case in cases(site):
        own = await made_for(app, ana)
        async with browser(site, await sign_in(app, ana)) as client:
            answer = await call(client, case, own, None)
        if answer.status_code in (401, 403, 404, 405) or answer.status_code >= 500:
            closed.append(f"{case}: {answer.status_code} {answer.text[:200]}")
    assert closed == []


async def test_the_same_holds_with_row_security_switched_off(
    addresses: Addresses, app: App, ana: Person, olga: Person
) -> None:
    pool = await asyncpg.create_pool(addresses.admin, init=db.prepare, min_size=1, max_size=4)
    blind = App(**{**vars(app), "database": Database(pool, addresses.admin)})  # a superuser sees every row
    try:
        assert await leaks(web.create(blind), blind, ana, olga) == []
    finally:
        await blind.database.close()


async def test_lists_hold_nothing_of_another_account(site: web.Site, app: App, ana: Person, olga: Person) -> None:
    hers = await made_for(app, ana)
    own = await made_for(app, olga)
    canaries = [str(each) for each in (*hers.values(), ana.id, ana.email) if not isinstance(each, int)]
    async with browser(site, await sign_in(app, olga)) as client:
        for each in operations(site):
            if each.method == "get":
                text = (await client.request(**each.request(own, {}))).text
                assert [canary for canary in canaries if canary in text] == [], each
