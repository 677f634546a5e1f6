"""The ladder from a model's whole text down to the JSON inside prose."""

from typing import Any

import pytest

from spadework.plug import json_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('{"a": 1, // the first\n "url": "https://acme.example"}', {"a": 1, "url": "https://acme.example"}),
        ('Here it is:\n```json\n{"a": 1}\n```\nDone.', {"a": 1}),
        ("```json5\n[1, 2] // two\n```", [1, 2]),
        ('I found {braces} and then {"a": {"b": [1]}} in it.', {"a": {"b": [1]}}),
        ("The list is [1, 2, 3], as asked.", [1, 2, 3]),
        ("No JSON at all, sorry.", None),
        ("[" * 100_000, None),
        ('{"a": NaN}', None),
    ],
    ids=["whole", "comments", "fenced", "fenced-comments", "object-in-prose", "list-in-prose", "prose", "deep", "nan"],
)
def test_a_reply_is_read_by_the_first_rung_that_holds_json(text: str, value: Any) -> None:
    assert json_text.find_first(text) == value


def test_an_address_in_a_quoted_text_is_no_comment() -> None:
    assert json_text.without_comments('{"u": "http://a.example/\\"//b"} // gone') == '{"u": "http://a.example/\\"//b"} '


def test_a_reading_of_another_kind_is_passed_over() -> None:
    assert json_text.find_first('[1] and {"a": 2}', dict) == {"a": 2}
