"""Time: the one clock the product reads, so that a test can hold it still."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment in UTC; anything compared across processes uses the database's clock instead."""
    return datetime.now(UTC)
