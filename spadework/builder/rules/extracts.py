"""What the server takes of a file: names, counts and masked text, and nothing in which a letter or digit is left."""

from collections.abc import Mapping, Sequence
from typing import Any

from spadework.core.errors import InvalidInput
from spadework.extracts.errors import InvalidExtract
from spadework.extracts.types import FileExtract

MOST_EXTRACTS = 50


def require_masked(extracts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The extracts as they are stored, each of them in shape and masked.

    Raises:
        InvalidInput: something is not masked, too long or unknown; the message names the file and the place, and
            never repeats what stands there.
    """
    if not extracts:
        raise InvalidInput("There is no file. Add at least one, and approve what is sent of it.")
    if len(extracts) > MOST_EXTRACTS:
        raise InvalidInput(
            f"There are more than {MOST_EXTRACTS} files and sheets. Give one example of each kind of file."
        )
    return [_require(number, each).to_json() for number, each in enumerate(extracts)]


def _require(number: int, extract: Mapping[str, Any]) -> FileExtract:
    try:
        return FileExtract.from_json(extract)
    except InvalidExtract as error:
        name = str(extract.get("filename", ""))[:100]
        raise InvalidInput(
            f"file_extracts[{number}] ({name!r}) was not taken: {error}", details={"place": f"file_extracts[{number}]"}
        ) from error
