"""Completions per second of processor time through our language-model port, against the bare SDK.

Both ask the same loopback service the same question with the same JSON Schema, as many at a time; ours
also checks the answer against the schema, counts tokens and prices them. The two take turns. Latency is
nought, so that the processor is what limits.
"""

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from importlib import resources

import yaml
from openai import AsyncOpenAI

from benchmarks import report
from spadework.plug import catalog
from spadework.plug.llm import Llm, LlmConnection, LlmRequest

_PROMPT = "find-lead.search-builder"
_AT_ONCE = 16


def main(calls: int, rounds: int) -> None:
    command = [sys.executable, "-m", "spadework.simulator.recorded_llm"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = str(json.loads(server.stdout.readline())["url"])
            ours, bare = asyncio.run(_measure(url, calls, rounds))
        finally:
            server.terminate()
    found = report.result(
        "llm_calls_per_core", ours=ours, reference=bare, reference_name="the bare openai SDK, same service and question",
        unit="calls/s", is_more_better=True,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)


async def _measure(url: str, calls: int, rounds: int) -> tuple[float, float]:
    ask_ours, ask_bare = _ours(url), _bare(url)
    await _spend(ask_ours, 50)  # imports and connections are part of neither
    await _spend(ask_bare, 50)
    pairs = [(await _spend(ask_ours, calls), await _spend(ask_bare, calls)) for _ in range(rounds)]
    ours, bare = zip(*pairs, strict=True)
    return statistics.median(ours), statistics.median(bare)


def _ours(url: str) -> Callable[[], Awaitable[None]]:
    llm = catalog.get(Llm, "llm", "openai")()  # type: ignore[type-abstract]  # the catalogue holds complete ones only
    connection = LlmConnection(base_url=url, credentials={"api_key": "loopback"})
    request = LlmRequest(
        model="gpt-5-mini", system=_system(), prompt="Begin.", output_schema=_schema(), max_tokens=1_500
    )

    async def ask() -> None:
        reply = await llm.complete(request, connection)
        assert len(reply.parsed["queries"]) >= 3 and reply.cost_micro_usd

    return ask


def _bare(url: str) -> Callable[[], Awaitable[None]]:
    client = AsyncOpenAI(api_key="loopback", base_url=url, max_retries=0)
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": _schema(), "strict": True}}

    async def ask() -> None:
        reply = await client.chat.completions.create(
            model="gpt-5-mini", max_tokens=1_500, response_format=form,  # type: ignore[call-overload]  # a plain dict of the same form
            messages=[{"role": "system", "content": _system()}, {"role": "user", "content": "Begin."}],
        )  # fmt: skip
        assert len(json.loads(reply.choices[0].message.content)["queries"]) >= 3

    return ask


async def _spend(ask: Callable[[], Awaitable[None]], calls: int) -> float:
    """Calls per second of this process's own processor time."""
    left = iter(range(calls))

    async def work() -> None:
        for _ in left:
            await ask()

    began = time.process_time()
    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return calls / (time.process_time() - began)


def _system() -> str:
    return _file().split("---", 2)[2].strip()


def _schema() -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(_file().split("---", 2)[1])["config"]["output_schema"]
    return found


def _file() -> str:
    text = resources.files("spadework.prompts.library").joinpath(f"{_PROMPT}.md").read_text("utf-8")
    assert re.match(r"---\n", text)
    return text


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    main(200 if options.quick else 1_000, 3 if options.quick else 5)
