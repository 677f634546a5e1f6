"""The simulator's HTTP/1.1 server: raw asyncio, because it is also what benchmarks measure clients against."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import cast

import orjson

from spadework.simulator.ledger import Ledger
from spadework.simulator.vendors import Exchange, Simulation
from spadework.simulator.wire import Reply

MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 10 * 1024 * 1024
_REASONS = {each.value: each.phrase for each in HTTPStatus} | {222: "Remote Failure"}


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests on it are answered one after the other."""

    def __init__(self, simulation: Simulation, ledger: Ledger | None, loop: asyncio.AbstractEventLoop) -> None:
        self._simulation = simulation
        self._ledger = ledger
        self._loop = loop
        self._received = bytearray()
        self._is_busy = False
        self._is_last = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        # uvloop's transports do not inherit from asyncio's, so this cannot be asserted.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Collect bytes, and answer once a request is whole."""
        self._received += data
        if not self._is_busy:
            self._take_request()

    def _take_request(self) -> None:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            if len(self._received) > MAX_HEAD_BYTES:
                self._send(Reply(status=431, body={"error": "The request's head is too large."}), is_last=True)
            return
        try:
            method, target, headers = _parse_head(bytes(self._received[:end]))
            length = int(headers.get("content-length", "0"))
        except ValueError:
            self._send(Reply(status=400, body={"error": "This is no HTTP/1.1 request."}), is_last=True)
            return
        if "transfer-encoding" in headers or not 0 <= length <= MAX_BODY_BYTES:
            self._send(Reply(status=411, body={"error": "Send a Content-Length up to 10 MB."}), is_last=True)
            return
        whole = end + 4 + length
        if len(self._received) < whole:
            return
        body = bytes(self._received[end + 4 : whole])
        del self._received[:whole]
        self._is_busy = True
        self._is_last = headers.get("connection", "").lower() == "close"
        self._answer(method, target, headers, body)

    def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        if target.startswith("/_sim/"):
            self._send(_control(self._simulation, method, target, body))
            return
        exchange = self._simulation.exchange(method, target, headers, body)
        if self._ledger is None or not exchange.entries:
            self._wait(exchange)
        else:
            # Vendors have done their work long before they answer, so the clock starts afterwards.
            self._ledger.append(exchange.entries, lambda: self._wait(exchange))

    def _wait(self, exchange: Exchange) -> None:
        if exchange.wire_fault == "hang":
            return
        if exchange.delay_seconds <= 0:
            self._finish(exchange)
        else:
            self._loop.call_later(exchange.delay_seconds, self._finish, exchange)

    def _finish(self, exchange: Exchange) -> None:
        if exchange.wire_fault in ("drop", "lost_reply"):
            self._transport.abort()
        elif exchange.wire_fault == "truncated":
            written = _written(exchange.reply)
            self._transport.write(written[: len(written) - max(1, len(written) // 4)])
            self._transport.close()
        else:
            self._send(exchange.reply, is_last=self._is_last)

    def _send(self, reply: Reply, *, is_last: bool = False) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(_written(reply))
        self._is_busy = False
        if is_last:
            self._transport.close()
        elif self._received:
            # Through the loop, so that a client which sends many at once does not deepen the stack.
            self._loop.call_soon(self._take_request)


async def serve(
    simulation: Simulation, *, host: str, port: int, ledger: Ledger | None = None
) -> tuple[asyncio.Server, int]:
    """The listening server and its port.

    Raises:
        OSError: the address is in use or not ours.
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(simulation, ledger, loop), host, port, backlog=1024, reuse_address=True
    )
    return server, server.sockets[0].getsockname()[1]


def _parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, version = first.split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError(version)
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return method, target, headers


def _written(reply: Reply) -> bytes:
    is_text = isinstance(reply.body, str)
    body = reply.body.encode() if is_text else b"" if reply.body is None else orjson.dumps(reply.body)
    kind = reply.headers.get("content-type", "text/plain" if is_text else "application/json")
    extra = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items() if name != "content-type")
    head = (
        f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Unknown')}\r\ncontent-type: {kind}\r\n"
        f"content-length: {len(body)}\r\nx-simulated: 1\r\n{extra}\r\n"
    )
    return head.encode("latin-1") + body


def _control(simulation: Simulation, method: str, target: str, body: bytes) -> Reply:
    """The simulator's own endpoints: settings (`/_sim/config`) and counters (`/_sim/state`)."""
    if target == "/_sim/state":
        return Reply(body={key: asdict(each) for key, each in simulation.accounts.items()})
    if target != "/_sim/config":
        return Reply(status=404, body={"error": "There are /_sim/config and /_sim/state."})
    if method == "POST":
        try:
            wanted = orjson.loads(body)
            if not isinstance(wanted, dict):
                raise ValueError("Send an object of settings.")
            simulation.faults = simulation.faults.changed(wanted)
        except ValueError as error:
            return Reply(status=400, body={"error": str(error)})
    return Reply(body=asdict(simulation.faults))
