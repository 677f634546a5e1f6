"""Live updates over real WebSockets: what a tab hears, what it never hears, and when it is closed."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import aiohttp
import pytest

from spadework.accounts.actions import accounts, sessions, users
from spadework.accounts.types import SignedIn
from spadework.app import App
from spadework.core.db import EVENTS_CHANNEL, Database
from spadework.core.errors import Misconfigured
from spadework.core.ids import AccountId, new_id
from spadework.web import live, store
from spadework.web import main as web
from spadework.web.live import Tab
from tests.conftest import Person, add_person, sign_in

TOPIC = f"table:{new_id()}"


@pytest.fixture(scope="module")
async def server(app: App) -> AsyncIterator[str]:
    """The address of a real server on loopback."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    serving = asyncio.create_task(web.serve(app, port=0, stop=stop, on_ready=ready.set_result))
    yield await ready
    stop.set()
    await serving


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        yield session


async def open_tab(
    http: aiohttp.ClientSession, server: str, signed_in: SignedIn, topics: Iterable[str] = (TOPIC,)
) -> aiohttp.ClientWebSocketResponse:
    headers = {"Cookie": f"spadework_session={signed_in.token}", "Origin": server}
    socket = await http.ws_connect(f"{server}/v3/live", headers=headers)
    assert await socket.receive_json() == {"topic": "hello"}
    await socket.send_json({"subscribe": list(topics)})
    await asyncio.sleep(0.05)  # subscriptions are not answered
    return socket


async def tell(database: Database, account_id: AccountId, topic: str, *payloads: Any) -> None:
    for each in payloads:
        async with database.transaction(account_id) as tx:
            await tx.notify(topic, each)


async def heard(socket: aiohttp.ClientWebSocketResponse, count: int) -> list[Any]:
    """The payloads of the next messages, until there are so many."""
    events: list[Any] = []
    while len(events) < count:
        events += (await socket.receive_json())["events"]
    return events


async def test_a_committed_event_reaches_every_tab_that_subscribed(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person
) -> None:
    session = await sign_in(app, ana)
    first, second = [await open_tab(http, server, session) for _ in range(2)]
    await tell(app.database, ana.account_id, TOPIC, {"type": "fields"})
    for socket in (first, second):
        assert await socket.receive_json() == {"topic": TOPIC, "events": [{"type": "fields"}]}


async def test_events_come_once_each_and_in_order(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person
) -> None:
    socket = await open_tab(http, server, await sign_in(app, ana))
    payloads = [{"n": each} for each in range(300)]
    await tell(app.database, ana.account_id, TOPIC, *payloads)
    await asyncio.sleep(2 * live.POLL_SECONDS)  # the poll must not repeat them
    await tell(app.database, ana.account_id, TOPIC, {"n": "last"})
    assert await heard(socket, 301) == [*payloads, {"n": "last"}]


async def test_a_burst_is_sent_in_few_messages(http: aiohttp.ClientSession, server: str, app: App, ana: Person) -> None:
    socket = await open_tab(http, server, await sign_in(app, ana))
    async with app.database.transaction(ana.account_id) as tx:
        for each in range(500):
            await tx.notify(TOPIC, {"n": each})
    messages = 0
    events: list[Any] = []
    while len(events) < 500:
        events += (await socket.receive_json())["events"]
        messages += 1
    assert (len(events), messages <= 5) == (500, True)


async def test_an_event_told_under_two_topics_is_heard_under_both(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person
) -> None:
    socket = await open_tab(http, server, await sign_in(app, ana), topics=(TOPIC, "spend"))
    async with app.database.transaction(ana.account_id) as tx:
        await tx.notify(TOPIC, {"n": 1}, also=["spend"])
    messages = [await socket.receive_json() for _ in range(2)]
    assert sorted(messages, key=lambda each: str(each["topic"])) == [
        {"topic": "spend", "events": [{"n": 1}]}, {"topic": TOPIC, "events": [{"n": 1}]}
    ]  # fmt: skip


async def test_an_event_whose_transaction_failed_is_never_heard(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person
) -> None:
    socket = await open_tab(http, server, await sign_in(app, ana))
    with pytest.raises(Misconfigured):
        async with app.database.transaction(ana.account_id) as tx:
            await tx.notify(TOPIC, {"n": "undone"})
            raise Misconfigured("stop")
    await tell(app.database, ana.account_id, TOPIC, {"n": "done"})
    assert await heard(socket, 1) == [{"n": "done"}]


async def test_an_event_whose_notification_was_lost_is_found_by_looking(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person
) -> None:
    socket = await open_tab(http, server, await sign_in(app, ana))
    async with app.database.transaction(ana.account_id) as tx:
        await tx.execute(
            "insert into events (account_id, topic, payload) values ($1, $2, $3)", ana.account_id, TOPIC, {"n": 1}
        )
    assert await heard(socket, 1) == [{"n": 1}]


async def test_an_event_that_commits_after_a_later_one_is_still_heard(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person
) -> None:
    socket = await open_tab(http, server, await sign_in(app, ana))
    async with app.database.transaction(ana.account_id) as slow:
        await slow.notify(TOPIC, {"n": "begun first"})
        await tell(app.database, ana.account_id, TOPIC, {"n": "done first"})
        assert await heard(socket, 1) == [{"n": "done first"}]
        await asyncio.sleep(1.5 * live.POLL_SECONDS)
    assert await heard(socket, 1) == [{"n": "begun first"}]


async def test_a_tab_hears_only_its_topics_and_only_its_accounts(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person, password_hash: str, database: Database
) -> None:
    other = await accounts.create_account(database, app.box, "Other")
    olga = await add_person(database, other, "Olga", "owner", password_hash)
    socket = await open_tab(http, server, await sign_in(app, olga), [TOPIC, "runs"])
    await tell(app.database, ana.account_id, TOPIC, {"n": "Ana's"})
    await tell(app.database, other, "workbooks", {"n": "another topic"})
    await tell(app.database, other, "runs", {"n": "hers"})
    assert await socket.receive_json() == {"topic": "runs", "events": [{"n": "hers"}]}


async def test_unsubscribing_ends_a_topic(http: aiohttp.ClientSession, server: str, app: App, ana: Person) -> None:
    socket = await open_tab(http, server, await sign_in(app, ana), [TOPIC, "runs"])
    await socket.send_json({"unsubscribe": [TOPIC]})
    await asyncio.sleep(0.05)
    await tell(app.database, ana.account_id, TOPIC, {"n": 1})
    await tell(app.database, ana.account_id, "runs", {"n": 2})
    assert await socket.receive_json() == {"topic": "runs", "events": [{"n": 2}]}


async def test_a_role_hears_only_what_it_may_read(
    http: aiohttp.ClientSession, server: str, app: App, account: AccountId, password_hash: str
) -> None:
    person = await add_person(app.database, account, "Bea", "janitor", password_hash)
    socket = await open_tab(http, server, await sign_in(app, person), [TOPIC, "spend", "runs"])
    await tell(app.database, account, "spend", {"type": "spend"})
    await tell(app.database, account, TOPIC, {"n": 1})
    with pytest.raises(TimeoutError):
        await socket.receive_json(timeout=2 * live.POLL_SECONDS)


async def test_a_session_that_ends_closes_its_tabs(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person
) -> None:
    signed_in = await sign_in(app, ana)
    socket = await open_tab(http, server, signed_in)
    assert signed_in.principal.session_id is not None
    async with app.database.transaction(ana.account_id) as tx:
        await sessions.revoke_session(tx, ana.id, signed_in.principal.session_id)
    closed = await socket.receive()
    assert (closed.type, socket.close_code) == (aiohttp.WSMsgType.CLOSE, 4401)


async def test_a_disabled_person_hears_no_more(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person, password_hash: str
) -> None:
    bea = await add_person(app.database, ana.account_id, "Bea", "editor", password_hash)
    socket = await open_tab(http, server, await sign_in(app, bea))
    by = (await sign_in(app, ana)).principal
    async with app.database.transaction(ana.account_id) as tx:
        await users.update_user(tx, bea.id, is_disabled=True, by=by)
    await socket.receive()
    assert socket.close_code == 4401


@pytest.mark.parametrize("origin", [None, "http://evil.example.com", "null", "https://localhost"])
async def test_another_sites_page_cannot_open_a_tab(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person, origin: str | None
) -> None:
    headers = {"Cookie": f"spadework_session={(await sign_in(app, ana)).token}"}
    if origin is not None:
        headers["Origin"] = origin
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await http.ws_connect(f"{server}/v3/live", headers=headers)
    assert caught.value.status == 403


async def test_nobody_hears_without_signing_in(http: aiohttp.ClientSession, server: str) -> None:
    for headers in ({"Origin": server}, {"Authorization": "Bearer sw_live_x"}):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(f"{server}/v3/live", headers=headers)


@pytest.mark.parametrize("text", ["{", "[]", '{"subscribe": "runs"}', '{"subscribe": [1]}', '"x" ' * 20_000])
async def test_a_message_that_cannot_be_read_closes_the_tab(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person, text: str
) -> None:
    socket = await open_tab(http, server, await sign_in(app, ana))
    await socket.send_str(text)
    await socket.receive()
    assert socket.close_code in (1008, 1009)


async def test_the_hub_listens_again_after_its_connection_was_cut(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person
) -> None:
    socket = await open_tab(http, server, await sign_in(app, ana))
    async with app.database.transaction(None) as tx:
        await tx.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where query ilike '%listen%' || $1 || '%'"
            " and pid <> pg_backend_pid() and datname = current_database()",
            EVENTS_CHANNEL,
        )
    await tell(app.database, ana.account_id, TOPIC, {"n": 1})
    assert await heard(socket, 1) == [{"n": 1}]


async def test_a_tab_that_was_away_for_thousands_of_events_is_told_to_fetch_anew(
    http: aiohttp.ClientSession, server: str, app: App, ana: Person
) -> None:
    socket = await open_tab(http, server, await sign_in(app, ana))
    async with app.database.transaction(ana.account_id) as tx:  # without a notification, as if it were lost
        await tx.execute(
            "insert into events (account_id, topic, payload) select $1, $2, '{}' from generate_series(1, 6000)",
            ana.account_id,
            TOPIC,
        )
    assert await socket.receive_json() == {"topic": TOPIC, "resync": True}


def test_a_tab_that_does_not_keep_up_is_told_to_fetch_anew_instead_of_piling_up(ana_tab: Tab) -> None:
    ana_tab.offer(store.Event(id=each, topic="runs", payload=each) for each in range(live.MAX_WAITING + 500))
    ana_tab.offer([store.Event(id=9999, topic="spend", payload="kept")])
    assert ana_tab.take() == [{"topic": "runs", "resync": True}, {"topic": "spend", "events": ["kept"]}]
    ana_tab.offer([store.Event(id=10_000, topic="runs", payload="after")])
    assert ana_tab.take() == [{"topic": "runs", "events": ["after"]}]


@pytest.fixture
async def ana_tab(app: App, ana: Person) -> Tab:
    return Tab((await sign_in(app, ana)).principal, topics={"runs", "spend"})


async def test_a_port_in_use_is_said_in_one_sentence(app: App, server: str) -> None:
    port = int(server.rpartition(":")[2])
    with pytest.raises(Misconfigured, match=f"Port {port} is in use by another program. Stop that one, or set"):
        await web.serve(app, port=port, stop=asyncio.Event())


async def test_an_address_that_is_not_this_machines_is_said_too(app: App) -> None:
    with pytest.raises(Misconfigured, match="SPADEWORK_HOST"):
        await web.serve(app, host="192.0.2.1", port=0, stop=asyncio.Event())


async def test_trimming_forgets_old_events_and_keeps_new_ones(app: App, ana: Person) -> None:
    await tell(app.database, ana.account_id, TOPIC, {"n": "old"}, {"n": "new"})
    async with app.database.transaction(ana.account_id) as tx:
        await tx.execute("update events set at = now() - interval '1 hour' where payload->>'n' = 'old'")
        await store.trim(tx, events_life=live.EVENTS_LIFE, keys_life=live.EVENTS_LIFE)
        ids = await store.list_event_ids_after(tx, 0, 10)
        assert [each.payload for each in await store.read_events(tx, ids)] == [{"n": "new"}]
