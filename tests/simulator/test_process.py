"""The simulator as its users meet it: a process with an address, a ledger and faults on the wire."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from spadework.core.errors import ProviderUnavailable
from spadework.core.http import HttpClient, HttpRequest

FLAGS = ("--latency-ms", "0", "--throttle-rate", "0", "--seed", "7")


@dataclass(frozen=True)
class Simulator:
    """A running simulator and its ledger."""

    url: str
    pid: int
    ledger: Path

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.ledger.read_text().splitlines()]


@contextmanager
def started(ledger: Path, *flags: str) -> Iterator[Simulator]:
    command = [sys.executable, "-m", "spadework.simulator", *FLAGS, "--ledger", str(ledger), *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = json.loads(process.stdout.readline())
        yield Simulator(line["url"], line["pid"], ledger)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        process.stdout.close()


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    with started(tmp_path / "ledger.jsonl") as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    async with HttpClient() as opened:
        yield opened


def paid(simulator: Simulator, x: str = "1", **headers: str) -> HttpRequest:
    return HttpRequest(url=f"{simulator.url}/bench/paid", params={"x": x}).with_headers(**headers)


async def raw(simulator: Simulator, sent: bytes, replies: int) -> bytes:
    """What comes back for hand-written bytes, until so many replies are whole or the connection closes."""
    parts = urlsplit(simulator.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    for piece in (sent[:9], sent[9:]):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
    received = b""
    while received.count(b"}") < replies and (more := await reader.read(65_536)):
        received += more
    writer.close()
    return received


async def test_every_reply_is_marked_as_simulated_and_small(simulator, client):
    reply = await client.send(HttpRequest(url=f"{simulator.url}/bench/free", params={"x": "a b"}))
    assert (reply.status, reply.headers["x-simulated"], reply.json()["x"]) == (200, "1", "a b")
    assert 120 < len(reply.body) < 260


async def test_a_paid_request_leaves_what_was_asked_and_what_was_done_in_the_ledger(simulator, client):
    await client.send(paid(simulator, idempotency_key="k-1", x_call_id="call-1"))
    asked, done = simulator.entries()
    assert (asked["effect"], asked["billed_credits"], asked["status"]) == (False, 0, 200)
    assert (done["effect"], done["billed_credits"]) == (True, 1)
    for each in (asked, done):
        assert (each["vendor"], each["path"], each["key"], each["call_id"]) == ("bench", "/paid", "k-1", "call-1")
        assert each["question"]
        assert each["at"]


async def test_a_repeated_idempotency_key_has_one_effect_and_a_call_without_one_an_effect_each(simulator, client):
    for _ in range(3):
        await client.send(paid(simulator, idempotency_key="k-1"))
        await client.send(paid(simulator, x="2"))
    effects = [each["key"] for each in simulator.entries() if each["effect"]]
    assert sorted(effects, key=str) == [None, None, None, "k-1"]


async def test_a_lost_reply_is_an_effect_that_the_caller_cannot_see(simulator, client):
    with pytest.raises(ProviderUnavailable) as lost:
        await client.send(paid(simulator, x_sim_fault="lost_reply", idempotency_key="k-1"))
    assert lost.value.details["sent"] is True
    assert [each["effect"] for each in simulator.entries()] == [False, True]
    again = await client.send(paid(simulator, idempotency_key="k-1"))
    assert again.status == 200
    assert sum(each["effect"] for each in simulator.entries()) == 1


@pytest.mark.parametrize("fault", ["hang", "drop"])
async def test_a_request_that_got_nowhere_is_recorded_without_an_effect(simulator, client, fault):
    with pytest.raises(ProviderUnavailable):
        await client.send(paid(simulator, x_sim_fault=fault), deadline_seconds=2)
    assert [each["effect"] for each in simulator.entries()] == [False]


async def test_a_truncated_reply_is_an_effect_and_a_broken_connection(simulator, client):
    with pytest.raises(ProviderUnavailable):
        await client.send(paid(simulator, x_sim_fault="truncated"))
    assert [each["effect"] for each in simulator.entries()] == [False, True]


async def test_garbage_arrives_as_a_page_with_status_200(simulator, client):
    reply = await client.send(paid(simulator, x_sim_fault="garbage"))
    assert (reply.status, reply.json()) == (200, None)
    assert [each["effect"] for each in simulator.entries()] == [False]


async def test_settings_change_while_it_runs_and_wrong_ones_are_refused(simulator, client):
    config = HttpRequest(method="POST", url=f"{simulator.url}/_sim/config")
    wrong = await client.send(HttpRequest(method="POST", url=config.url, json_body={"speed": 9}))
    right = await client.send(
        HttpRequest(method="POST", url=config.url, json_body={"fault": "vendor_down", "only": "bench"})
    )
    reply = await client.send(paid(simulator))
    state = await client.send(HttpRequest(url=f"{simulator.url}/_sim/state"))
    assert (wrong.status, right.status, reply.status) == (400, 200, 503)
    assert "speed" in wrong.json()["error"]
    assert state.json()["bench"] == {"requests": 1, "effects": 0, "billed_credits": 0}


async def test_an_unknown_vendor_and_an_unknown_fault_are_named(simulator, client):
    vendor = await client.send(HttpRequest(url=f"{simulator.url}/nobody/v1"))
    fault = await client.send(paid(simulator, x_sim_fault="explode"))
    assert (vendor.status, fault.status) == (404, 400)
    assert "nobody" in vendor.json()["error"]
    assert "explode" in fault.json()["error"]


async def test_two_processes_with_one_seed_answer_alike(tmp_path, client):
    bodies = []
    for name in ("a", "b"):
        with started(tmp_path / name) as running:
            url = f"{running.url}/hunter/v2/email-finder?domain=example.com&full_name=Odile+Marchetti"
            bodies.append((await client.send(HttpRequest(url=url))).body)
    assert bodies[0] == bodies[1]


async def test_requests_sent_at_once_on_one_connection_are_answered_in_order(simulator):
    requests = b"".join(b"GET /bench/free?x=%d HTTP/1.1\r\nHost: s\r\n\r\n" % each for each in range(500))
    received = await raw(simulator, requests, 500)
    order = [int(each.partition(b'"')[0]) for each in received.split(b'"x":"')[1:]]
    assert order == list(range(500))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"this is not HTTP\r\n\r\n", b" 400 "),
        (b"GET /bench/free HTTP/1.1\r\nContent-Length: x\r\n\r\n", b" 400 "),
        (b"POST /bench/free HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b" 411 "),
        (b"GET /" + b"a" * 70_000, b" 431 "),
    ],
)
async def test_bytes_that_are_no_request_are_refused_and_the_next_connection_works(simulator, sent, status):
    assert status in await raw(simulator, sent, 1)
    assert b" 200 " in await raw(simulator, b"GET /bench/free?x=1 HTTP/1.1\r\n\r\n", 1)


def test_a_port_in_use_is_said_in_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "spadework.simulator", "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert f"127.0.0.1:{port}" in ended.stderr
    assert "Traceback" not in ended.stderr
