"""E-mail column: one address, in its usual form."""

from typing import Any

from email_validator import EmailNotValidError, validate_email

from spadework.columns._texts import shown, typed
from spadework.core.errors import InvalidInput
from spadework.plug.column import ColumnKind, Settings, Value


class EmailColumn(ColumnKind):
    """Checks how the address is written, not whether the mailbox exists; that is a validator's work."""

    key = "email"
    label = "E-mail"
    summary = "One e-mail address"

    def parse(self, raw: Any, settings: Settings) -> Value:
        text = typed(raw).removeprefix("mailto:")
        if not text:
            return None
        try:
            return validate_email(text, check_deliverability=False, strict=True).normalized
        except EmailNotValidError as error:
            raise InvalidInput(
                f"{shown(text)} is no e-mail address: {error} Write one such as jane@example.com."
            ) from error
