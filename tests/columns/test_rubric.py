"""Rubric column: points with reasons; what is not known counts neither way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from spadework.columns.rubric import RubricColumn, RubricSettings
from spadework.plug.column import Row

SIZE, INDUSTRY, TITLE = ("f_" + each * 32 for each in "abc")
RULES = [
    {"label": "Size", "field": SIZE, "op": "in_range", "values": [51, 500], "weight": 20, "reason": "51 to 500 people"},
    {"label": "Size", "field": SIZE, "op": "in_range", "values": [501, 1000], "weight": 15},
    {"label": "Industry", "field": f"{{{{{INDUSTRY}}}}}", "op": "contains_word", "values": ["software"], "weight": 30},
    {"label": "Title", "field": TITLE, "op": "contains_word", "values": ["cto", "vp"], "weight": 50},
]
STAFFING = {"label": "Staffing", "field": INDUSTRY, "op": "equals", "values": ["Staffing"], "disqualifies": True}


def score(values, rules=RULES, **settings):
    (cell,) = RubricColumn().values([Row(1, values)], RubricSettings(rules=rules, **settings))
    return cell


def test_points_reasons_and_tier_come_from_the_rules_that_hold():
    cell = score({SIZE: 120, INDUSTRY: ["Application Software"], TITLE: "VP Sales"})

    assert (cell.value, cell.outputs["tier"], cell.outputs["unknown_share"]) == (100, "tier_1", 0.0)
    assert cell.outputs["reasons"] == [
        "20 of 20: 51 to 500 people (120).",
        "30 of 30: Industry (Application Software).",
        "50 of 50: Title (VP Sales).",
    ]


def test_numbers_are_grouped_in_the_reasons_and_years_are_not():
    rules = [
        {"label": "Age", "field": SIZE, "op": "at_least", "values": [1990], "weight": 10},
        {"label": "Revenue", "field": INDUSTRY, "op": "at_least", "values": [1], "weight": 10},
    ]
    cell = score({SIZE: 1998, INDUSTRY: 557_720_000}, rules=rules)
    young = score({SIZE: 1982.0, INDUSTRY: 10_000}, rules=rules)

    assert cell.outputs["reasons"] == ["10 of 10: Age (1998).", "10 of 10: Revenue (557,720,000)."]
    assert young.outputs["reasons"] == ["0 of 10: Age is 1982.", "10 of 10: Revenue (10,000)."]


def test_director_is_no_cto():
    cell = score({SIZE: 120, INDUSTRY: "Software", TITLE: "Director"})

    assert cell.value == 50 and "0 of 50: Title is Director." in cell.outputs["reasons"]


def test_rules_of_one_label_are_grades_of_which_the_best_counts():
    cell = score({SIZE: 700, INDUSTRY: "Software", TITLE: "CTO"})

    assert cell.value == 95 and "15 of 20: Size (700)." in cell.outputs["reasons"]


def test_what_is_not_known_is_said_and_counts_neither_way():
    cell = score({SIZE: None, INDUSTRY: "Software", TITLE: "CTO"})

    assert (cell.value, cell.outputs["unknown_share"]) == (100, 0.2)
    assert "Unknown, not counted: Size." in cell.outputs["reasons"]


def test_too_little_known_gives_no_tier():
    assert score({INDUSTRY: "Software"}).outputs["tier"] == "unknown"
    assert score({INDUSTRY: "Software"}, most_unknown_share=0.7).outputs["tier"] == "tier_1"


def test_a_row_of_which_nothing_is_known_has_no_score():
    cell = score({})

    assert (cell.state, cell.value, cell.outputs["tier"]) == ("missing_input", None, "unknown")
    assert cell.note == "Not scored: none of Size, Industry, Title is known."


def test_only_what_is_known_disqualifies():
    stopped = score({SIZE: 120, INDUSTRY: "staffing", TITLE: "CTO"}, [*RULES, STAFFING])
    unknown = score({SIZE: 120, INDUSTRY: None, TITLE: "CTO"}, [*RULES, STAFFING])

    assert (stopped.value, stopped.outputs["tier"]) == (0, "disqualified")
    assert stopped.outputs["reasons"][0] == "Disqualified: Staffing (staffing)."
    assert (unknown.value, unknown.outputs["tier"]) == (100, "tier_1")


@pytest.mark.parametrize(
    ("size", "says"),
    [
        ("140 (2019)", "20 of 20"),
        ("c. 6,000", "0 of 20"),
        ("51-200", "20 of 20"),
        ("10,001+", "0 of 20"),
        ("1-100", "Unknown"),
        ("many", "Unknown"),
    ],
)
def test_numbers_and_bands_in_text_are_read_and_a_band_on_both_sides_is_unknown(size, says):
    assert score({SIZE: size, INDUSTRY: "Software"}).outputs["reasons"][0].startswith(says)


@pytest.mark.parametrize(
    ("rule", "value", "holds"),
    [
        ({"op": "at_least", "values": [1e6]}, "US$ 6.5 billion (FY2019)", True),
        ({"op": "at_most", "values": [10]}, 11, False),
        ({"op": "in_range", "values": [None, 10]}, 10, True),
        ({"op": "equals", "values": ["yes"]}, ["no", "YES "], True),
        ({"op": "is_filled"}, "", False),
        ({"op": "is_filled"}, 0, True),
    ],
)
def test_each_operator_decides(rule, value, holds):
    cell = score({SIZE: value}, [{"label": "It", "field": SIZE, "weight": 1, **rule}])

    assert cell.value == (100 if holds else 0)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"op": "in_range", "values": [5, 1]}, "above the upper end"),
        ({"op": "at_least", "values": ["big"]}, "one number"),
        ({"op": "contains_word", "values": [" "]}, "at least one word"),
        ({"op": "is_filled", "weight": 0}, "No rule has a weight"),
    ],
)
def test_rules_that_could_never_decide_are_refused(rule, said):
    with pytest.raises(ValidationError, match=said):
        RubricSettings(rules=[{"label": "It", "field": SIZE, **rule}])


def test_references_and_outputs_are_declared():
    settings = RubricSettings(rules=RULES)

    assert RubricColumn().references(settings) == {SIZE, INDUSTRY, TITLE}
    assert RubricColumn().outputs(settings) == {"tier": "text", "reasons": "json", "unknown_share": "number"}


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30)), st.lists, max_leaves=4
    )
)
def test_any_cell_gives_a_score_from_0_to_100_or_none(value):
    cell = score({SIZE: value, INDUSTRY: value, TITLE: value}, [*RULES, STAFFING])

    assert cell.value is None or 0 <= cell.value <= 100
