"""Identifiers: time-ordered UUIDs made here, so that SQL stays portable to Postgres 16."""

import os
import time
from typing import NewType
from uuid import UUID

AccountId = NewType("AccountId", UUID)
UserId = NewType("UserId", UUID)
ClientId = NewType("ClientId", UUID)
WorkbookId = NewType("WorkbookId", UUID)
TableId = NewType("TableId", UUID)
FieldId = NewType("FieldId", UUID)
RunId = NewType("RunId", UUID)
PlanId = NewType("PlanId", UUID)
CallId = NewType("CallId", UUID)


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): 48 bits of milliseconds, then randomness."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | random
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)
