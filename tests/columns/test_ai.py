"""AI column: what is asked, what is accepted, and that a row's text can neither steer nor fake evidence."""

import json

import jsonschema_rs
import pytest
from pydantic import ValidationError

from spadework.columns.ai import EVIDENCE, QUALIFICATION, AiColumn, AiSettings, OutputField
from spadework.core.errors import InvalidInput, OutOfBudget, UnknownReference
from spadework.llms.scripted import Scripted
from spadework.plug.column import Cell, Row
from spadework.plug.llm import LlmConnection, LlmReply

COMPANY = "f_" + "a" * 32
CITY = "f_" + "b" * 32
ROW = Row(
    number=1,
    values={COMPANY: "Acme Pumps makes  steel pumps", CITY: "Springfield"},
    names={COMPANY: "Company", CITY: "City"},
)
PROMPT = f"Does {{{{{COMPANY}}}}} make hardware?"


class Replies:
    """A toolbox that answers with the given value and keeps what it was asked."""

    def __init__(self, parsed):
        self.parsed = parsed
        self.asked = []

    async def ask(self, provider, question):
        raise AssertionError("an AI column asks no provider")

    async def complete(self, request):
        self.asked.append(request)
        if isinstance(self.parsed, Exception):
            raise self.parsed
        return LlmReply(text=json.dumps(self.parsed), parsed=self.parsed)


class Simulated:
    """A toolbox whose model is the pretended one."""

    async def ask(self, provider, question):
        raise AssertionError("an AI column asks no provider")

    async def complete(self, request):
        return await Scripted().complete(request, LlmConnection())


def settings(**given):
    return AiSettings(**{"prompt": PROMPT, **given})


async def fill(toolbox, row=ROW, **given):
    return await AiColumn().value(row, settings(**given), toolbox)


async def test_by_default_it_answers_qualified_score_and_reasoning():
    cell = await fill(Replies({"qualified": True, "score": 80, "reasoning": "It makes pumps."}))
    assert cell == Cell(value=True, outputs={"qualified": True, "score": 80, "reasoning": "It makes pumps."})


async def test_the_values_travel_as_data_and_the_prompt_as_instruction():
    toolbox = Replies({"qualified": None, "score": None, "reasoning": "No."})
    await fill(toolbox, model="m-1", max_tokens=99, temperature=0.5, max_cost_micro_usd_per_row=700, required=[CITY])
    (request,) = toolbox.asked
    assert request.system.endswith("Task:\nDoes ⟦Company⟧ make hardware?")
    assert "Acme" not in request.system
    assert '"Company": "Acme Pumps makes  steel pumps"' in request.prompt
    assert "Springfield" not in request.prompt
    assert (request.model, request.max_tokens, request.temperature) == ("m-1", 99, 0.5)
    assert request.max_cost_micro_usd == 700


async def test_the_schema_is_closed_and_every_field_may_be_null():
    toolbox = Replies(dict.fromkeys(["kind", "note", "list"]))
    await fill(
        toolbox,
        output_fields=[
            {"name": "kind", "type": "select", "options": ["A", "B"]},
            {"name": "note", "description": "why"},
            {"name": "list", "type": "json"},
        ],
    )
    schema = toolbox.asked[0].output_schema
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["kind", "note", "list"]
    assert schema["properties"]["note"]["description"] == "why"
    valid = {"kind": "A", "note": "x", "list": "[]"}
    assert jsonschema_rs.is_valid(schema, valid)
    assert jsonschema_rs.is_valid(schema, dict.fromkeys(valid))
    assert not jsonschema_rs.is_valid(schema, valid | {"kind": "C"})
    assert not jsonschema_rs.is_valid(schema, valid | {"more": 1})
    assert not jsonschema_rs.is_valid(schema, valid | {"note": "x" * 4001})


async def test_a_json_output_is_parsed_and_the_first_field_is_the_cells_value():
    fields = [{"name": "people", "type": "json"}, {"name": "count", "type": "number"}]
    cell = await fill(Replies({"people": '["Ana"]', "count": 1}), output_fields=fields)
    assert cell == Cell(value=["Ana"], outputs={"people": ["Ana"], "count": 1})


async def test_a_json_output_that_is_none_makes_the_cell_invalid():
    cell = await fill(Replies({"people": "Ana"}), output_fields=[{"name": "people", "type": "json"}])
    assert cell.state == "invalid"
    assert "people is no JSON" in cell.note


async def test_an_answer_of_nulls_is_no_data():
    cell = await fill(Replies({"qualified": None, "score": None, "reasoning": None}))
    assert (cell.state, cell.value) == ("no_data", None)


@pytest.mark.parametrize("quote", ["steel pumps", "makes steel  pumps", "Acme\u200b Pumps makes"])
async def test_a_quote_that_stands_in_the_row_supports_the_answer(quote):
    cell = await fill(Replies({"kind": "maker", EVIDENCE: quote}), output_fields=[{"name": "kind"}], evidence=True)
    assert cell == Cell(value="maker", outputs={"kind": "maker"})


@pytest.mark.parametrize("quote", [None, "", "steel pipes", "STEEL PUMPS", "a", "Springfield", "Pumps Acme"])
async def test_a_quote_that_does_not_stand_in_what_was_read_marks_the_cell_as_unsupported(quote):
    cell = await fill(Replies({"kind": "maker", EVIDENCE: quote}), output_fields=[{"name": "kind"}], evidence=True)
    assert cell.state == "done"
    assert cell.is_guess
    assert cell.note.startswith("unsupported")
    assert cell.outputs == {"kind": "maker"}


async def test_a_missing_required_value_costs_nothing_and_is_named():
    toolbox = Replies({})
    row = Row(number=1, values={COMPANY: "Acme", CITY: "  "}, names=ROW.names)
    assert await fill(toolbox, row, required=[CITY]) == Cell(state="missing_input", note="Nothing in City.")
    assert toolbox.asked == []


async def test_a_row_with_nothing_to_read_costs_nothing():
    toolbox = Replies({})
    row = Row(number=1, values={COMPANY: None}, names=ROW.names)
    assert await fill(toolbox, row) == Cell(state="missing_input", note="Nothing in Company.")
    assert toolbox.asked == []


async def test_a_model_that_never_gives_the_right_form_makes_the_cell_invalid():
    cell = await fill(Replies(InvalidInput("did not answer in the asked form")))
    assert cell == Cell(state="invalid", note="did not answer in the asked form")


async def test_what_the_job_must_handle_passes_through():
    with pytest.raises(OutOfBudget):
        await fill(Replies(OutOfBudget("no money")))


async def test_a_prompt_about_a_column_that_is_gone_says_so():
    with pytest.raises(UnknownReference):
        await AiColumn().value(Row(number=1, values={}), settings(), Replies({}))


async def test_a_value_too_long_to_read_whole_is_told():
    row = Row(number=1, values={COMPANY: "x" * 9000}, names=ROW.names)
    cell = await fill(Replies({"kind": "a"}), row, output_fields=[{"name": "kind"}])
    assert cell.note == "Too long, only the beginning was read: Company."


async def test_hidden_characters_in_an_answer_do_not_reach_the_cell():
    cell = await fill(Replies({"kind": "ma\u200bker\u202e"}), output_fields=[{"name": "kind"}])
    assert cell.value == "maker"


async def test_with_the_simulated_model_a_row_is_answered_the_same_each_time():
    first = await fill(Simulated())
    assert first == await fill(Simulated())
    assert first.outputs["reasoning"].startswith("SIMULATED")


def test_it_reads_the_prompts_columns_and_the_required_ones():
    assert AiColumn().references(settings(required=[CITY])) == {COMPANY, CITY}


def test_outputs_can_become_columns_of_their_kind():
    assert AiColumn().outputs(settings()) == {"qualified": "json", "score": "number", "reasoning": "text"}
    assert AiColumn().storage(settings(output_fields={"score": "number"})) == "number"


def test_the_estimate_knows_model_length_and_limit():
    (ask,) = AiColumn().asks(settings(model="m-1", max_tokens=200))
    assert (ask.provider, ask.model, ask.max_tokens) == (None, "m-1", 200)
    assert ask.prompt_characters > len(PROMPT)


def test_the_short_form_of_outputs_is_understood():
    given = settings(output_fields={"score": "number", "reasoning": "string", "tags": "array"})
    assert given.output_fields == (
        OutputField(name="score", type="number"),
        OutputField(name="reasoning", type="text"),
        OutputField(name="tags", type="json"),
    )


def test_settings_survive_being_stored():
    given = settings(evidence=True, required=[CITY])
    assert given.output_fields == QUALIFICATION
    assert AiSettings.model_validate_json(given.model_dump_json()) == given


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": ""},
        {"output_fields": []},
        {"output_fields": [{"name": "a"}, {"name": "A"}]},
        {"output_fields": [{"name": "kind", "type": "select"}]},
        {"output_fields": [{"name": "kind", "options": ["A"]}]},
        {"output_fields": [{"name": EVIDENCE}]},
        {"output_fields": [{"name": '"}'}]},
        {"output_fields": {"a": "date"}},
        {"max_tokens": 1},
        {"unknown": 1},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong):
    with pytest.raises(ValidationError):
        settings(**wrong)
