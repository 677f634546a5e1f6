"""Signing in: who gets a session, who is slowed down, and what the answers do not tell."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from spadework.accounts import rules
from spadework.accounts.actions import accounts, keys, sessions, users
from spadework.accounts.types import SignedIn, Visitor
from spadework.core.db import Database
from spadework.core.errors import Conflict, Forbidden, InvalidInput, NotFound, SignInRequired, TooFast
from spadework.core.ids import AccountId
from spadework.core.secrets import Box
from tests.conftest import PASSWORD, Person, add_person

HERE = Visitor(address="203.0.113.7", user_agent="a browser")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
GOOD = "another fine long phrase"


async def sign_in(database: Database, box: Box, email: str, password: str, visitor: Visitor = HERE) -> SignedIn:
    return await sessions.sign_in(database, box, email, password, visitor)


async def fail(database: Database, box: Box, email: str, visitor: Visitor = HERE) -> None:
    with pytest.raises(SignInRequired):
        await sign_in(database, box, email, "not the password", visitor)


async def test_the_right_password_opens_a_session_with_the_roles_permissions(
    database: Database, box: Box, ana: Person
) -> None:
    signed_in = await sign_in(database, box, ana.email.upper(), PASSWORD)
    found = await sessions.find_principal_for_session(database, signed_in.token)
    assert found == signed_in.principal
    assert (found.account_id, found.user_id, found.role) == (ana.account_id, ana.id, "owner")
    assert found.permissions == frozenset(rules.all_permissions())


async def test_the_stored_token_is_a_digest(database: Database, box: Box, ana: Person) -> None:
    signed_in = await sign_in(database, box, ana.email, PASSWORD)
    async with database.read(ana.account_id) as tx:
        stored = await tx.fetchval("select token_sha256 from sessions")
    assert stored == rules.digest(signed_in.token)
    assert len(signed_in.token) >= 43  # 256 bits


@pytest.mark.parametrize("password", [PASSWORD + " ", PASSWORD.upper(), PASSWORD[:-1], ""])
async def test_a_password_counts_byte_by_byte(database: Database, box: Box, ana: Person, password: str) -> None:
    with pytest.raises(SignInRequired):
        await sign_in(database, box, ana.email, password)


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    database: Database, box: Box, ana: Person
) -> None:
    messages = set()
    for email in (ana.email, f"nobody.{ana.id.hex}@example.com"):
        with pytest.raises(SignInRequired) as caught:
            await sign_in(database, box, email, "not the password")
        messages.add((caught.value.message, str(caught.value.details)))
    assert len(messages) == 1


@pytest.mark.parametrize("is_known", [True, False])
async def test_the_seventh_wrong_try_waits_whether_or_not_the_address_exists(
    database: Database, box: Box, ana: Person, is_known: bool
) -> None:
    email = ana.email if is_known else f"nobody.{ana.id.hex}@example.com"
    for _ in range(6):
        await fail(database, box, email)
    with pytest.raises(TooFast) as caught:
        await sign_in(database, box, email, PASSWORD)
    assert 0 < caught.value.details["retry_after_seconds"] <= 30


async def test_many_wrong_tries_at_once_do_not_slip_past_the_limit(database: Database, box: Box, ana: Person) -> None:
    tries = [sign_in(database, box, ana.email, "not the password") for _ in range(20)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers) == ["SignInRequired"] * 6 + ["TooFast"] * 14


async def test_guesses_from_elsewhere_do_not_lock_out_the_owners_own_browser(
    database: Database, box: Box, ana: Person
) -> None:
    device = (await sign_in(database, box, ana.email, PASSWORD)).device
    for _ in range(6):
        await fail(database, box, ana.email)
    with pytest.raises(TooFast):
        await sign_in(database, box, ana.email, PASSWORD)
    again = await sign_in(database, box, ana.email, PASSWORD, replace(HERE, device=device))
    assert again.principal.user_id == ana.id


async def test_a_known_browser_gets_no_endless_tries_and_no_say_for_another_address(
    database: Database, box: Box, account: AccountId, ana: Person, password_hash: str
) -> None:
    device = (await sign_in(database, box, ana.email, PASSWORD)).device
    known = replace(HERE, device=device)
    for _ in range(6):
        await fail(database, box, ana.email, known)
    with pytest.raises(TooFast):
        await sign_in(database, box, ana.email, PASSWORD, known)
    bea = await add_person(database, account, "Bea", "viewer", password_hash)
    for _ in range(6):
        await fail(database, box, bea.email, known)
    with pytest.raises(TooFast):  # counted by network, as for anybody
        await sign_in(database, box, bea.email, PASSWORD, HERE)


async def test_a_right_password_forgives_the_wrong_tries_before_it(database: Database, box: Box, ana: Person) -> None:
    for _ in range(3):
        for _ in range(4):
            await fail(database, box, ana.email)
        await sign_in(database, box, ana.email, PASSWORD)


async def test_another_network_is_counted_apart_until_a_hundred_in_an_hour(
    database: Database, box: Box, ana: Person
) -> None:
    for network in range(16):
        for _ in range(6):
            await fail(database, box, ana.email, Visitor(address=f"198.51.{network}.1"))
    for _ in range(4):
        await fail(database, box, ana.email, Visitor(address="198.51.99.1"))
    with pytest.raises(TooFast) as caught:
        await sign_in(database, box, ana.email, PASSWORD, Visitor(address="198.51.100.1"))
    assert caught.value.details["retry_after_seconds"] == 900


def test_the_wait_doubles_from_half_a_minute_to_a_quarter_of_an_hour() -> None:
    waits = [rules.seconds_to_wait([NOON] * failures, in_last_hour=failures, at=NOON) for failures in range(4, 13)]
    assert waits == [0, 0, 30, 60, 120, 240, 480, 900, 900]


def test_failures_older_than_a_quarter_of_an_hour_no_longer_slow_down() -> None:
    old = [NOON - timedelta(minutes=16)] * 10
    assert rules.seconds_to_wait(old, in_last_hour=10, at=NOON) == 0


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "unknown"),
    ],
)
def test_failures_are_counted_for_a_neighbourhood_of_addresses(address: str, place: str) -> None:
    assert rules.place_of(address) == place


async def test_signing_out_ends_the_session_at_once(database: Database, box: Box, ana: Person) -> None:
    signed_in = await sign_in(database, box, ana.email, PASSWORD)
    assert signed_in.principal.session_id is not None
    async with database.transaction(ana.account_id) as tx:
        await sessions.revoke_session(tx, ana.id, signed_in.principal.session_id)
    assert await sessions.find_principal_for_session(database, signed_in.token) is None


@pytest.mark.parametrize(
    "change",
    [
        "last_seen_at = now() - interval '12 hours 1 second'",
        "expires_at = now() - interval '1 second'",
        "revoked_at = now()",
    ],
)
async def test_an_idle_expired_or_revoked_session_opens_nothing(
    database: Database, box: Box, ana: Person, change: str
) -> None:
    signed_in = await sign_in(database, box, ana.email, PASSWORD)
    async with database.transaction(ana.account_id) as tx:
        await tx.execute(f"update sessions set {change}")
    assert await sessions.find_principal_for_session(database, signed_in.token) is None


async def test_a_session_in_use_stays_awake(database: Database, box: Box, ana: Person) -> None:
    signed_in = await sign_in(database, box, ana.email, PASSWORD)
    async with database.transaction(ana.account_id) as tx:
        await tx.execute("update sessions set last_seen_at = now() - interval '11 hours'")
    assert await sessions.find_principal_for_session(database, signed_in.token) is not None
    async with database.read(ana.account_id) as tx:
        assert await tx.fetchval("select last_seen_at > now() - interval '1 minute' from sessions")


async def test_changing_the_password_ends_every_other_session(database: Database, box: Box, ana: Person) -> None:
    other = await sign_in(database, box, ana.email, PASSWORD)
    mine = await sign_in(database, box, ana.email, PASSWORD)
    new = await sessions.change_password(database, box, mine.principal, current=PASSWORD, new=GOOD, visitor=HERE)
    for token, is_open in ((other.token, False), (mine.token, False), (new.token, True)):
        assert (await sessions.find_principal_for_session(database, token) is not None) is is_open
    await fail(database, box, ana.email)
    assert (await sign_in(database, box, ana.email, GOOD)).principal.user_id == ana.id


async def test_a_wrong_current_password_changes_nothing(database: Database, box: Box, ana: Person) -> None:
    mine = await sign_in(database, box, ana.email, PASSWORD)
    with pytest.raises(InvalidInput):
        await sessions.change_password(database, box, mine.principal, current="wrong", new=GOOD, visitor=HERE)
    assert await sessions.find_principal_for_session(database, mine.token) is not None


async def test_a_new_role_holds_from_the_next_request_on(
    database: Database, box: Box, account: AccountId, ana: Person, password_hash: str
) -> None:
    bea = await add_person(database, account, "Bea", "editor", password_hash)
    owner = (await sign_in(database, box, ana.email, PASSWORD)).principal
    before = await sign_in(database, box, bea.email, PASSWORD)
    async with database.transaction(account) as tx:
        await users.update_user(tx, bea.id, role="viewer", by=owner)
    assert await sessions.find_principal_for_session(database, before.token) is None
    after = await sign_in(database, box, bea.email, PASSWORD)
    assert after.principal.permissions == rules.permissions_of("viewer")


async def test_a_disabled_person_is_out_at_once_with_every_session_and_key(
    database: Database, box: Box, account: AccountId, ana: Person, password_hash: str
) -> None:
    bea = await add_person(database, account, "Bea", "editor", password_hash)
    owner = (await sign_in(database, box, ana.email, PASSWORD)).principal
    hers = await sign_in(database, box, bea.email, PASSWORD)
    async with database.transaction(account) as tx:
        _, key = await keys.create_key(tx, name="script", scopes=["runs.read"], by=hers.principal)
        await users.update_user(tx, bea.id, is_disabled=True, by=owner)
    assert await sessions.find_principal_for_session(database, hers.token) is None
    assert await keys.find_principal_for_key(database, key) is None
    with pytest.raises(SignInRequired):
        await sign_in(database, box, bea.email, PASSWORD)


async def test_the_last_owner_cannot_be_disabled_or_demoted(database: Database, box: Box, ana: Person) -> None:
    owner = (await sign_in(database, box, ana.email, PASSWORD)).principal
    async with database.transaction(ana.account_id) as tx:
        with pytest.raises(Conflict):
            await users.update_user(tx, ana.id, is_disabled=True, by=owner)
        with pytest.raises(Conflict):
            await users.update_user(tx, ana.id, role="admin", by=owner)


async def test_an_admin_neither_makes_nor_changes_an_owner(
    database: Database, box: Box, account: AccountId, ana: Person, password_hash: str
) -> None:
    person = await add_person(database, account, "Bea", "admin", password_hash)
    admin = (await sign_in(database, box, person.email, PASSWORD)).principal
    by = replace(admin, permissions=admin.permissions - {"budgets.write"})
    with pytest.raises(Forbidden):
        await users.add_user(database, email="new@example.com", name="New", role="owner", password=GOOD, by=by)
    async with database.transaction(account) as tx:
        with pytest.raises(Forbidden):
            await users.update_user(tx, ana.id, is_disabled=True, by=by)


@pytest.mark.parametrize(
    "password",
    [
        "short", "passwordpassword", "123456789012", "qwertyuiop12", "aaaaaaaaaaaa", "iloveyou1234",
        "spadework1234", "spadework-demo", "letmeinletmein", "ana.example.com",
    ],
)  # fmt: skip
def test_short_common_and_product_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        rules.require_good_password(password, known=["ana@example.com", "Ana"])


@pytest.mark.parametrize(
    "password", [PASSWORD, "zwölf größere Übel", "x7#kQ2!vLp9@", "long " * 20 + "enough words, thrice"]
)
def test_long_unguessable_passwords_of_any_characters_are_taken(password: str) -> None:
    rules.require_good_password(password, known=["ana@example.com", "Ana"])


# The first entry --------------------------------------------------------------------------------------------


async def token_of(link: str | None) -> str:
    assert link is not None
    return link.partition("token=")[2]


async def test_the_one_time_link_makes_one_owner_and_then_is_used_up(database: Database, box: Box) -> None:
    link = await accounts.make_bootstrap_link(database, box, address="http://localhost:8300/", is_recovery=True)
    token = await token_of(link)
    assert await accounts.is_bootstrap_valid(database, token)

    async def redeem(email: str) -> SignedIn:
        return await accounts.redeem_bootstrap(
            database, box, token, email=email, name="Ana", password=GOOD, account_name="Agency", visitor=HERE
        )

    answers = await asyncio.gather(
        *(redeem(f"ana.{each}.{token[:8]}@example.com") for each in range(5)), return_exceptions=True
    )
    winners = [each for each in answers if isinstance(each, SignedIn)]
    assert len(winners) == 1
    assert all(isinstance(each, NotFound) for each in answers if each is not winners[0])
    assert winners[0].principal.role == "owner"
    assert not await accounts.is_bootstrap_valid(database, token)


async def test_a_refused_password_leaves_the_link_good(database: Database, box: Box) -> None:
    token = await token_of(
        await accounts.make_bootstrap_link(database, box, address="http://localhost:8300", is_recovery=True)
    )
    with pytest.raises(InvalidInput):
        await accounts.redeem_bootstrap(
            database, box, token, email="a@example.com", name="A", password="short", account_name=None, visitor=HERE
        )
    assert await accounts.is_bootstrap_valid(database, token)


async def test_a_link_older_than_thirty_minutes_does_nothing(database: Database, box: Box) -> None:
    token = await token_of(
        await accounts.make_bootstrap_link(database, box, address="http://localhost:8300", is_recovery=True)
    )
    async with database.transaction(await accounts.first_account(database, box)) as tx:
        left = await tx.fetchval("select expires_at - now() from bootstrap_tokens where used_at is null")
        assert left <= timedelta(minutes=30)
        await tx.execute("update bootstrap_tokens set expires_at = now()")
    with pytest.raises(NotFound):
        await accounts.redeem_bootstrap(
            database, box, token, email="a@example.com", name="A", password=GOOD, account_name=None, visitor=HERE
        )


async def test_no_link_is_made_once_an_owner_can_sign_in_except_for_recovery(
    database: Database, box: Box, password_hash: str
) -> None:
    first = await accounts.first_account(database, box)
    owner = await add_person(database, first, "Owner", "owner", password_hash)
    assert await accounts.make_bootstrap_link(database, box, address="http://localhost:8300") is None
    token = await token_of(
        await accounts.make_bootstrap_link(database, box, address="http://localhost:8300", is_recovery=True)
    )
    async with database.transaction(first) as tx:
        lost = await sessions.open_session(tx, box, owner.id, HERE)
    back = await accounts.redeem_bootstrap(
        database, box, token, email=owner.email, name="Owner", password=GOOD, account_name=None, visitor=HERE
    )
    assert back.principal.user_id == owner.id
    assert await sessions.find_principal_for_session(database, lost.token) is None
    assert await sessions.find_principal_for_session(database, back.token) is not None
    with pytest.raises(SignInRequired):
        await sessions.sign_in(database, box, owner.email, PASSWORD, HERE)


async def test_a_recovery_link_is_for_the_account_it_was_made_for(database: Database, box: Box) -> None:
    second = await accounts.create_account(database, box, "Second Agency")
    token = await token_of(
        await accounts.make_bootstrap_link(
            database, box, address="http://localhost:8300", account_id=second, is_recovery=True
        )
    )
    entered = await accounts.redeem_bootstrap(
        database, box, token, email="ana@example.com", name="Ana", password=GOOD, account_name=None, visitor=HERE
    )
    assert entered.principal.account_id == second


async def test_processes_that_start_at_once_make_one_account(database: Database, box: Box) -> None:
    made = await asyncio.gather(*(accounts.first_account(database, box) for _ in range(8)))
    assert len(set(made)) == 1
