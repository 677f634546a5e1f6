"""Formula column: one JavaScript expression over the row's columns, computed in batches in a sandbox."""

from collections.abc import Sequence

from pydantic import Field, field_validator

from spadework.plug.column import Cell, ColumnKind, Row, Settings, Storage
from spadework.plug.interpolate import REFERENCE
from spadework.plug.javascript import sandbox
from spadework.plug.references import find_all, find_references, is_field_id

_MOST_ROWS = 1_000  # per call into the sandbox
_STANDS_FOR_A_NAME = "f_" + "0" * 32
_NO_JAVASCRIPT = "@@"


class FormulaSettings(Settings):
    """The expression, such as `{{Revenue}} / {{Employees}}`, and how its result is stored.

    A column without a value is `undefined`. Besides the language there are `domainOf(text)`, the host of
    an address without "www.", and `clean(text)`, trimmed with single spaces.
    """

    expression: str = Field(min_length=1, max_length=10_000)
    result: sandbox.Result = "text"

    @field_validator("expression")
    @classmethod
    def _parses(cls, given: str) -> str:
        why = sandbox.check(_code(given), tuple(_names(given)))
        if why:
            raise ValueError(f"The formula does not parse: {why}. Write one JavaScript expression.")
        for reference in find_all(given):
            _must_stand_outside_quotes(given, reference)
        return given


class FormulaColumn(ColumnKind):
    """Values enter as data, never as code; a row that fails or takes too long fails alone."""

    key = "formula"
    label = "Formula"
    summary = "JavaScript over the row's columns: free, instant, recomputed when they change"
    is_computed = True
    is_batch = True
    settings = FormulaSettings

    def storage(self, settings: FormulaSettings) -> Storage:
        return settings.result

    def references(self, settings: FormulaSettings) -> set[str]:
        return set(find_references(settings.expression))

    def values(self, rows: Sequence[Row], settings: FormulaSettings) -> Sequence[Cell]:
        if by_name := [each for each in find_all(settings.expression) if not is_field_id(each)]:
            note = f"The formula refers to {by_name[0]!r}, which is no column. Choose one from the list."
            return [Cell(state="failed", note=note)] * len(rows)
        names = find_references(settings.expression)
        code = _code(settings.expression)
        cells: list[Cell] = []
        for start in range(0, len(rows), _MOST_ROWS):
            batch = [[row.values.get(name) for name in names] for row in rows[start : start + _MOST_ROWS]]
            computed = sandbox.evaluate(code, names, batch, result=settings.result)
            cells += [_cell(each) for each in computed]
        return cells


def _cell(computed: sandbox.Computed) -> Cell:
    if computed.error is not None:
        return Cell(state="failed", note=computed.error)
    if computed.is_not_a_number:
        return Cell(state="no_data", note="The formula gave no finite number; a column it reads may be empty.")
    return Cell(value=computed.value)


def _names(expression: str) -> list[str]:
    """The identifiers that stand for the columns; references by name, as a plan has them, share one."""
    return list(dict.fromkeys(each if is_field_id(each) else _STANDS_FOR_A_NAME for each in find_all(expression)))


def _code(expression: str) -> str:
    """The expression with each reference turned into the identifier of a parameter."""
    return REFERENCE.sub(lambda match: match[1] if is_field_id(match[1]) else _STANDS_FOR_A_NAME, expression)


def _must_stand_outside_quotes(expression: str, reference: str) -> None:
    """Refuse a reference inside quotes, where it would be the letters of its id and not the value.

    Put something there that is no JavaScript: where it still parses, it stands inside quotes or a comment.
    """
    for match in REFERENCE.finditer(expression):
        if match[1] == reference:
            broken = _code(expression[: match.start()]) + _NO_JAVASCRIPT + _code(expression[match.end() :])
            if sandbox.check(broken, tuple(_names(expression))) is None:
                raise ValueError(
                    "A column stands inside quotes, where it would not be replaced. "
                    'Write "Hello " + {{Name}}, or `Hello ${{{Name}}}`.'
                )
