"""What can go wrong with a file or an extract; each message says what happened and the next move, without file text.

ExtractError
├── Unsupported       no extractor reads this kind of file
├── Unreadable        the file is damaged, empty or not what its name says
├── Protected         a password is needed
├── TooLarge          larger than is read here, or packed to become so
├── InvalidExtract    an extract that is not in our shape, or holds unmasked text
└── NotMade           a synthetic file of this kind cannot be written
"""

from typing import ClassVar


class ExtractError(Exception):
    """The root: a stable `code` and a sentence that is safe to show. This package imports no other error tree."""

    code: ClassVar[str] = "unreadable"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unsupported(ExtractError):
    """No registered extractor reads this kind of file."""

    code = "unsupported"


class Unreadable(ExtractError):
    """The file is damaged, empty, or not what its name says."""

    code = "unreadable"


class Protected(ExtractError):
    """The file is encrypted; it opens only with a password."""

    code = "protected"


class TooLarge(ExtractError):
    """The file, or what it unpacks to, is larger than is read here."""

    code = "too_large"


class InvalidExtract(ExtractError):
    """An extract is not in the agreed shape, or holds text that is not masked; the message names the place."""

    code = "invalid"


class NotMade(ExtractError):
    """A synthetic file of this kind cannot be written."""

    code = "not_made"
