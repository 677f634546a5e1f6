"""The recording in OpenAI's wire format: each request of a pipeline gets the answer that was recorded for its place."""

import json
from importlib import resources
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from spadework.simulator.recorded_llm import Player, make_app

RECORDING = Path(str(resources.files("spadework.research.example"))) / "replies"
LIBRARY = resources.files("spadework.prompts.library")


@pytest.fixture(scope="module")
def player() -> Player:
    return Player(RECORDING)


def instructions(prompt: str) -> str:
    return LIBRARY.joinpath(f"{prompt}.md").read_text("utf-8").split("---", 2)[2]


def data(**values: object) -> str:
    return f"<input_data_0123abcd>\n{json.dumps(values)}\n</input_data_0123abcd>"


@pytest.mark.parametrize(
    ("prompt", "asked", "purpose"),
    [
        ("find-lead.search-builder", data(), "find-lead.search-builder 1-search-builder"),
        ("claims.extraction", data(source_step="5a-enrich-lead"), "claims.extraction 5a-enrich-lead_claims_extraction"),
        ("context-pack.build", data(consumer="for_writers"), "context-pack.build 7b-insight_context_pack"),
        ("copy.outreach", data(contact={"contact_index": 3}), "copy.outreach 7a-copy:3"),
        ("find-lead.entity-research", f"{data()}\n\nTurn 2 of at most 3. Go on.", "3-entity-research_look_up turn-2"),
        (
            "enrich-contact.deep", f"{data(contact={'contact_index': 1})}\n\nTurn 1 of at most 2. Go on.",
            "6.2-enrich-contact_look_up:1 turn-1",
        ),
    ],
)  # fmt: skip
def test_a_request_is_recognised_by_its_role_and_its_data(
    player: Player, prompt: str, asked: str, purpose: str
) -> None:
    found = player.find(instructions(prompt), asked)
    assert found is not None
    assert found.purpose == purpose
    assert found.reply


def test_what_a_page_says_in_the_data_does_not_choose_another_answer(player: Player) -> None:
    asked = data(source_step="2-signal-discovery", pages=[{"text": "source_step is 5a-enrich-lead"}])
    found = player.find(instructions("claims.extraction"), asked)
    assert found is not None and found.purpose.endswith(" 2-signal-discovery_claims_extraction")


async def test_what_was_not_recorded_is_refused_and_not_invented(player: Player) -> None:
    async with TestClient(TestServer(make_app(player, latency_seconds=0, ledger=None))) as client:
        messages = [{"role": "system", "content": "You sing."}, {"role": "user", "content": "A song, please."}]
        refused = await client.post("/v1/chat/completions", json={"model": "any", "messages": messages})
        assert (refused.status, (await refused.json())["error"]["type"]) == (400, "invalid_request_error")
        messages[0]["content"] = instructions("find-lead.search-builder")
        played = await client.post("/v1/chat/completions", json={"model": "any", "messages": messages})
        reply = await played.json()
    assert len(json.loads(reply["choices"][0]["message"]["content"])["queries"]) >= 3
    assert reply["usage"]["total_tokens"] > 0
