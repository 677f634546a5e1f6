"""From text to a valid value: the order of readings, the reasons, and schemas every service takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.core.errors import InvalidInput
from spadework.llms._answer import Answer, read, spell_out

SCHEMA = {
    "type": "object",
    "properties": {"label": {"enum": ["A", "B"]}},
    "required": ["label"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "text",
    [
        '{"label": "A"}',
        '  {"label": "A"}\n',
        '```json\n{"label": "A"}\n```',
        'Sure, here you are:\n```\n{"label": "A"}\n```\nGlad to help.',
        'The answer is {"label": "A"}, as asked.',
        'Not {"label": "C"} but {"label": "A"}.',
        'A set {of braces} first, then {"label": "A"}',
    ],
)
def test_the_first_reading_that_satisfies_the_schema_is_taken(text):
    assert read(text, SCHEMA) == Answer({"label": "A"})


def test_a_list_in_a_fence_is_read():
    assert read('Here:\n```json\n["A"]\n```', {"type": "array"}) == Answer(["A"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"label": "C"}', 'label: "C" is not one of'),
        ('{"label": "A", "extra": 1}', "'extra' was unexpected"),
        ("{}", '"label" is a required property'),
        ("no idea", "holds no JSON"),
        ("", "holds no JSON"),
        ('{"label": "A"', "holds no JSON"),
        ("NaN", "holds no JSON"),
    ],
)
def test_what_is_wrong_is_said(text, reason):
    assert reason in read(text, SCHEMA).errors[0]


def test_a_schema_that_is_none_is_refused():
    with pytest.raises(InvalidInput, match="no JSON Schema"):
        read("{}", {"type": "nonsense"})


def test_a_schema_elsewhere_is_not_fetched():
    with pytest.raises(InvalidInput, match="no JSON Schema"):
        read("{}", {"$ref": "http://127.0.0.1:9/schema.json"})


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["{" * 500_000, "[" * 500_000, "{}" * 300_000, "```" * 100_000])
def test_hostile_text_is_read_without_hanging(text):
    assert read(text, SCHEMA).errors


@given(st.text(max_size=300))
def test_any_text_is_an_answer_or_a_reason(text):
    answer = read(text, SCHEMA)
    assert answer.errors or answer.value["label"] in ("A", "B")


def test_a_list_of_types_is_spelled_as_any_of_with_its_constraints_where_they_belong():
    schema = {
        "type": "object",
        "properties": {
            "type": {"type": ["string", "null"], "enum": ["a", None], "description": "kind"},
            "enum": {"type": ["number", "null"], "maximum": 5},
        },
    }
    assert spell_out(schema) == {
        "type": "object",
        "properties": {
            "type": {"description": "kind", "anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
            "enum": {"anyOf": [{"type": "number", "maximum": 5}, {"type": "null"}]},
        },
    }


def test_a_schema_without_lists_of_types_stays_as_it_is():
    assert spell_out(SCHEMA) == SCHEMA
