"""The recorded example's answers in OpenAI's wire format, so that a whole dossier can be made over loopback.

Run `python -m spadework.simulator.recorded_llm --port 0`; it prints `{"url", "pid"}` and serves until it is
ended. Which recorded answer a request gets is read from the request alone: the role its instructions give,
and the step, reader or person its data names. With `--ledger`, every request is on the disk before it is
answered. Unlike `llm_server`, which invents answers, this one refuses what was not recorded.
"""

import argparse
import asyncio
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from aiohttp import web

from spadework.simulator.ledger import Ledger

_LIBRARY, _EXAMPLE = "spadework.prompts.library", "spadework.research.example"
_ROLE = re.compile(r"^# Role\s+(.+)$", re.MULTILINE)
_DATA = re.compile(r"<(input_data_\w+)>\n(.*)\n</\1>", re.DOTALL)
_TURN = re.compile(r"^Turn (\d+) of at most \d+\.", re.MULTILINE)
"""How a model is asked, turn by turn, whether it wants to look something up before it writes."""
_PACKS = {
    "for_entity": "2-signal-discovery", "for_contacts": "3-entity-research", "for_writers": "7b-insight",
}  # fmt: skip
"""Which step makes the context pack for each consumer."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one request is for, as `prompt place`, and what was said then; None where an error is played instead."""

    purpose: str
    reply: Any
    delay_seconds: float = 0.0


class Player:
    """The recording, and how a request is recognised."""

    def __init__(self, folder: Path) -> None:
        self._roles = dict(_roles())
        self._lines = list(_lines(folder))

    def find(self, system: str, prompt: str) -> Recorded | None:
        """The answer to a request; None when it was not recorded or is no question of the library's."""
        key = next((key for role, key in self._roles.items() if role in system), None)
        places = [each["match"].split()[1] for each in self._lines if each["match"].startswith(f"{key} ")]
        if len(set(places)) > 1:
            endings = tuple(_endings(_data(prompt)))
            places = [each for each in places if each.endswith(endings)]
        if not places:
            return None
        purpose = f"{key} {places[0]}"
        if turn := _TURN.search(prompt):
            base, colon, index = places[0].partition(":")
            purpose = f"{base}_look_up{colon}{index} turn-{turn[1]}"
        line = next((each for each in self._lines if each["match"] in f"{purpose}\n"), None)
        return Recorded(purpose, line.get("reply"), line.get("delay_seconds", 0.0)) if line else None


def make_app(player: Player, *, latency_seconds: float, ledger: Ledger | None) -> web.Application:
    """The service as an aiohttp application."""

    async def chat(request: web.Request) -> web.Response:
        body = await request.json()
        system, prompt = _said(body["messages"])
        found = player.find(system, prompt)
        if ledger is not None:
            await _recorded(ledger, body["messages"], found)
        await asyncio.sleep(latency_seconds + (found.delay_seconds if found else 0.0))
        if found is None or found.reply is None:
            message = (
                "Nothing is recorded for this request." if found is None else "The recording answers with an error."
            )
            return web.json_response({"error": {"message": message, "type": "invalid_request_error"}}, status=400)
        return web.json_response(_completion(str(body["model"]), system + prompt, found.reply))

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", chat)
    return app


async def _recorded(ledger: Ledger, messages: Sequence[Mapping[str, Any]], found: Recorded | None) -> None:
    durable = asyncio.Event()
    digest = hashlib.sha256(json.dumps(messages, sort_keys=True).encode()).hexdigest()
    purpose = found.purpose if found else None
    ledger.append([{"at": datetime.now(UTC).isoformat(), "purpose": purpose, "digest": digest}], durable.set)
    await durable.wait()


def _completion(model: str, asked: str, reply: Any) -> dict[str, Any]:
    text = reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)
    used = max(1, len(asked) // 4), max(1, len(text) // 4)
    return {
        "id": f"chatcmpl-{hashlib.sha256(asked.encode()).hexdigest()[:24]}", "object": "chat.completion",
        "created": 1_700_000_000, "model": model,
        "choices": [
            {"index": 0, "finish_reason": "stop", "logprobs": None,
             "message": {"role": "assistant", "content": text, "refusal": None}}
        ],
        "usage": {"prompt_tokens": used[0], "completion_tokens": used[1], "total_tokens": sum(used)},
    }  # fmt: skip


def _said(messages: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The instructions and the question of a request."""
    texts: dict[str, str] = {}
    for each in messages:
        content = each.get("content") or ""
        text = content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in content)
        texts.setdefault("user" if each["role"] == "user" else "system", text)
    return texts.get("system", ""), texts.get("user", "")


def _data(prompt: str) -> Mapping[str, Any]:
    found = _DATA.search(prompt)
    try:
        values = json.loads(found[2]) if found else {}
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _endings(values: Mapping[str, Any]) -> Iterator[str]:
    """How the place of a request ends, by what its data names."""
    if step := values.get("source_step"):
        yield f"{step}_claims_extraction"
    if step := _PACKS.get(str(values.get("consumer"))):
        yield f"{step}_context_pack"
    contact = values.get("contact")
    if isinstance(contact, dict) and "contact_index" in contact:
        yield f":{contact['contact_index']}"


def _roles() -> Iterator[tuple[str, str]]:
    """How each prompt of the library begins, and its key."""
    for each in resources.files(_LIBRARY).iterdir():
        if each.name.endswith(".md") and (role := _ROLE.search(each.read_text("utf-8"))):
            yield role[1].partition("{{")[0].strip(), each.name.removesuffix(".md")


def _lines(folder: Path) -> Iterator[Mapping[str, Any]]:
    """The lines of all files in the order of their names; the first that fits a request is played."""
    for path in sorted(folder.glob("*.json")):
        yield from json.loads(path.read_text("utf-8"))


async def serve(port: int, *, folder: Path, latency_seconds: float, ledger_file: Path | None) -> None:
    """Serve on loopback until cancelled; port 0 takes a free one, which is printed."""
    ledger = Ledger(ledger_file, asyncio.get_running_loop()) if ledger_file else None
    app = make_app(Player(folder), latency_seconds=latency_seconds, ledger=ledger)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    said = {"url": f"http://127.0.0.1:{runner.addresses[0][1]}/v1", "pid": os.getpid()}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m spadework.simulator.recorded_llm", description=__doc__)
    own = Path(str(resources.files(_EXAMPLE).joinpath("replies")))
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one (%(default)s)")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="how long each answer takes (%(default)s)")
    parser.add_argument("--ledger", type=Path, help="file that gets one durable JSON line per request")
    parser.add_argument("--replies", type=Path, default=own, help="folder with a recording of one's own")
    options = parser.parse_args()
    asyncio.run(
        serve(
            options.port, folder=options.replies, latency_seconds=options.latency_ms / 1_000,
            ledger_file=options.ledger,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
