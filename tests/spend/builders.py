"""Purchases and their ends with everything filled in that a test does not care about."""

import hashlib
from typing import Any

from spadework.core.ids import new_id
from spadework.spend.types import NewCall, Settlement


def purchase(price_micro_usd: int, **more: Any) -> NewCall:
    """A purchase nobody has made yet."""
    call_id = new_id()
    given: dict[str, Any] = {
        "id": call_id, "key": hashlib.sha256(call_id.bytes).digest(), "row_id": 1, "field_id": None,
        "question_sha256": hashlib.sha256(b"question" + call_id.bytes).digest(), "provider": "hunter",
        "capability": "find_email", "call_class": "B", "reserved_micro_usd": price_micro_usd, "is_simulated": False,
    }  # fmt: skip
    return NewCall(**{**given, **more})


def ended(call: NewCall, state: Any, cost_micro_usd: int = 0, **more: Any) -> Settlement:
    """How that purchase ended."""
    return Settlement(
        call_id=call.id, state=state, settled_micro_usd=cost_micro_usd, reserved_micro_usd=call.reserved_micro_usd,
        provider=call.provider, capability=call.capability, is_simulated=call.is_simulated, field_id=call.field_id,
        **more,
    )  # fmt: skip
