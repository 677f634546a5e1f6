"""Conditions for others: checked before the column that will carry one exists."""

from spadework.workbooks.rules import conditions


def check(text: str) -> None:
    """Refuse a condition that cannot be read; the names in it are not looked up.

    Raises:
        InvalidInput: the message points at the place.
    """
    conditions.compile_condition(text)
