"""Formula column: expressions over columns, checked when written and computed in batches."""

import pytest
from pydantic import ValidationError

from spadework.columns.formula import FormulaColumn, FormulaSettings
from spadework.plug.column import Cell, Row

NAME, SIZE = "f_" + "a" * 32, "f_" + "b" * 32


def cells(expression, rows, result="text"):
    settings = FormulaSettings(expression=expression, result=result)
    return FormulaColumn().values([Row(number, values) for number, values in enumerate(rows)], settings)


def test_a_formula_reads_its_columns_and_nothing_else():
    settings = FormulaSettings(
        expression=f"{{{{{NAME}}}}} + ' has ' + {{{{ {SIZE} }}}} + {{{{{NAME}}}}}", result="number"
    )

    assert FormulaColumn().references(settings) == {NAME, SIZE}
    assert FormulaColumn().storage(settings) == "number"


def test_a_value_is_data_even_when_it_is_written_like_code():
    hostile = "'); while (true) {} ('"

    assert cells(f"{{{{{NAME}}}}} + '!'", [{NAME: hostile}]) == [Cell(value=hostile + "!")]


def test_a_template_literal_takes_columns():
    assert cells(f"`Hello ${{{{{{{NAME}}}}}}}`", [{NAME: "Ann"}]) == [Cell(value="Hello Ann")]


def test_a_row_that_fails_says_why_and_the_others_are_computed():
    assert cells(f"{{{{{NAME}}}}}.size", [{NAME: {"size": 3}}, {NAME: None}], "number") == [
        Cell(value=3),
        Cell(state="failed", note="TypeError: Cannot read properties of undefined (reading 'size')"),
    ]


def test_arithmetic_with_an_empty_cell_is_no_data_rather_than_nan():
    (cell,) = cells(f"{{{{{SIZE}}}}} * 2", [{}])

    assert (cell.state, cell.value) == ("no_data", None) and "may be empty" in cell.note


def test_more_rows_than_one_batch_holds_keep_their_order():
    assert [each.value for each in cells(f"{{{{{SIZE}}}}} + 1", [{SIZE: n} for n in range(2_500)], "number")] == list(
        range(1, 2_501)
    )


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("1 +", "does not parse"),
        ("if (true) 1", "does not parse"),
        (f"'Hello {{{{{NAME}}}}}'", "stands inside quotes"),
        (f"`Hello {{{{{NAME}}}}}`", "stands inside quotes"),
        ('"{{Company}}" == "x"', "stands inside quotes"),
        ("", "at least 1 character"),
    ],
)
def test_a_formula_that_cannot_work_is_refused_when_it_is_written(expression, said):
    with pytest.raises(ValidationError, match=said):
        FormulaSettings(expression=expression)


def test_a_formula_by_name_can_be_written_into_a_plan_and_says_so_when_run():
    assert cells("{{Company}}?.length > 3", [{}]) == [
        Cell(state="failed", note="The formula refers to 'Company', which is no column. Choose one from the list.")
    ]
