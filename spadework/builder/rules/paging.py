"""Where the next page of a workflow's runs begins, as text that callers hand back unread."""

import json
from datetime import UTC, datetime
from uuid import UUID

from spadework.builder.types import WorkflowRun
from spadework.core.errors import InvalidInput


def cursor_after(run: WorkflowRun) -> str:
    """The cursor of the page that follows this run."""
    return json.dumps([run.created_at.isoformat(), str(run.id)])


def place_of(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Where the page begins, None for the first.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    if not cursor:
        return None
    try:
        at, last_id = json.loads(cursor)
        return datetime.fromisoformat(at).astimezone(UTC), UUID(last_id)
    # Well-formed JSON of other things, and moments beyond the first and last that a database keeps.
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise InvalidInput("The cursor is damaged. Start from the first page.") from error
