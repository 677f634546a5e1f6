"""The pretended model: repeatable, marked, and playing a script when given one."""

import json

import jsonschema_rs
import pytest

from spadework.core.errors import InvalidInput, ProviderUnavailable, TooFast
from spadework.llms.scripted import Scripted
from spadework.plug.llm import LlmConnection, LlmRequest

SCHEMA = {
    "type": "object",
    "properties": {
        "summary": {"type": "string", "maxLength": 60},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "score": {"type": "number", "minimum": 0.2, "maximum": 0.8},
        "size": {"enum": ["small", "large"]},
        "email": {"type": "string", "format": "email"},
        "inner": {"type": "object", "properties": {"note": {"type": ["string", "null"]}}},
    },
    "required": ["summary", "tags", "score", "size", "email", "inner"],
    "additionalProperties": False,
}


def ask(prompt="Acme", schema=SCHEMA):
    return LlmRequest(model="scripted-small", system="Score.", prompt=prompt, output_schema=schema)


def script(tmp_path, lines):
    path = tmp_path / "script.json"
    path.write_text(json.dumps(lines))
    return LlmConnection(credentials={"script_path": str(path)})


async def test_the_answer_satisfies_the_schema_and_every_text_says_it_is_simulated():
    reply = await Scripted().complete(ask(), LlmConnection())
    assert jsonschema_rs.is_valid(SCHEMA, reply.parsed)
    assert reply.parsed["summary"].startswith("SIMULATED ")
    assert all(each.startswith("SIMULATED ") for each in reply.parsed["tags"])
    assert reply.parsed["inner"]["note"].startswith("SIMULATED ")
    assert reply.parsed["email"].endswith("@simulated.example")
    assert reply.is_simulated
    assert reply.cost_micro_usd == 0


async def test_the_same_prompt_is_answered_the_same_and_another_differently():
    first, again, other = [await Scripted().complete(ask(each), LlmConnection()) for each in ("Acme", "Acme", "Globex")]
    assert first == again
    assert first.parsed != other.parsed


async def test_the_random_tag_around_a_rows_values_does_not_change_the_answer():
    first, again = [
        await Scripted().complete(ask(f"<row_data_{tag}>{{}}</row_data_{tag}>"), LlmConnection())
        for tag in ("0a1b", "ffff")
    ]
    assert first.parsed == again.parsed


async def test_a_schema_that_cannot_be_imitated_is_refused_with_the_reason():
    with pytest.raises(InvalidInput, match="'pattern'"):
        await Scripted().complete(ask(schema={"type": "string", "pattern": "^a$"}), LlmConnection())


async def test_a_script_answers_the_first_line_that_matches_and_the_rest_is_invented(tmp_path):
    connection = script(tmp_path, [{"match": "Acme", "reply": "first"}, {"match": "Acm", "reply": "second"}])
    scripted = await Scripted().complete(ask("Acme", schema=None), connection)
    invented = await Scripted().complete(ask("Globex", schema=None), connection)
    assert scripted.text == "first"
    assert invented.text.startswith("SIMULATED")


async def test_a_scripted_object_is_checked_against_the_schema(tmp_path):
    connection = script(tmp_path, [{"reply": {"summary": 5}}])
    with pytest.raises(InvalidInput, match="Correct the script"):
        await Scripted().complete(ask(), connection)


@pytest.mark.parametrize(("name", "error"), [("too_fast", TooFast), ("unavailable", ProviderUnavailable)])
async def test_a_script_can_fail_on_purpose(tmp_path, name, error):
    with pytest.raises(error, match="SIMULATED"):
        await Scripted().complete(ask(), script(tmp_path, [{"match": "Acme", "error": name}]))


@pytest.mark.parametrize("lines", [{"match": "x"}, [{"answer": "x"}]])
async def test_a_script_of_another_shape_is_refused(tmp_path, lines):
    with pytest.raises(InvalidInput, match="must be a JSON list"):
        await Scripted().complete(ask(), script(tmp_path, lines))


async def test_a_missing_script_shows_when_the_connection_is_tested(tmp_path):
    connection = LlmConnection(credentials={"script_path": str(tmp_path / "none.json")})
    (line,) = await Scripted().probe(connection, model="scripted-small")
    assert not line.is_ok
