"""A person's recorded yes or no to exactly what they were shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

Decision = Literal["yes", "no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The decision; `fingerprint` is the hash of what was shown and must equal the hash of what happens."""

    id: UUID
    subject_kind: str
    subject_id: UUID
    fingerprint: str
    decision: Decision
    shown: Any
    decided_by: UUID | None
    decided_at: datetime
