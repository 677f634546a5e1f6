"""How a form's script writes its result as CSV; `workbook_results` does the same as a workbook."""

from collections.abc import Iterable, Sequence

from spadework.builder.rules.forms.parts.writing import Cell, write_csv


def write_table(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write rows to /output/`name`.csv and give their number."""
    return write_csv(f"{name}.csv", columns, rows)
