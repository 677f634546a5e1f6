"""The script that keeps, renames, reorders, joins and tidies columns."""

from collections.abc import Callable, Iterator
from typing import Any

from spadework.builder.rules.forms.parts.csv_results import write_table
from spadework.builder.rules.forms.parts.reading import open_table
from spadework.builder.rules.forms.parts.values import find_date, find_number
from spadework.builder.rules.forms.parts.writing import number_text


def choose_columns(settings: dict[str, Any]) -> None:
    """Write the chosen columns in their order, each made of one or more columns of the file."""
    table = open_table(settings["file"])
    wanted = settings["columns"]
    places = [table.places(each["from"]) for each in wanted]
    changes = [make_change(each["change"], each["dates"]) for each in wanted]
    header = [each["name"] for each in wanted]
    if settings["keep_others"]:
        used = {place for several in places for place in several}
        others = [place for place in range(len(table.columns)) if place not in used]
        header += [table.columns[place] for place in others]
    else:
        others = []

    def chosen() -> Iterator[list[str]]:
        for row in table.rows:
            cells = []
            for each, several, change in zip(wanted, places, changes, strict=True):
                parts = [change(row[place]) for place in several]
                cells.append(parts[0] if len(parts) == 1 else each["separator"].join(filter(None, parts)))
            yield cells + [row[place] for place in others]

    write_table("columns", header, chosen())


def make_change(kind: str, dates: str) -> Callable[[str], str]:
    """How a cell's text is tidied; what says no number or date stays as it is."""

    def plain_number(text: str) -> str:
        number = find_number(text)
        return text if number is None else number_text(number)

    def iso_date(text: str) -> str:
        day = find_date(text, dates)
        return text if day is None else day.isoformat()

    changes: dict[str, Callable[[str], str]] = {
        "none": str,
        "trim": lambda text: " ".join(text.split()),
        "lower": lambda text: " ".join(text.split()).lower(),
        "upper": lambda text: " ".join(text.split()).upper(),
        "title": lambda text: " ".join(word[:1].upper() + word[1:].lower() for word in text.split()),
        "digits": lambda text: "".join(each for each in text if each.isdigit()),
        "number": plain_number,
        "date": iso_date,
    }
    return changes[kind]
