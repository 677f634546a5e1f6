"""Which typed column of `rows` a new field gets; pure."""

from collections.abc import Collection

from spadework.core.errors import LimitReached
from spadework.plug.column import Storage

PREFIXES: dict[Storage, str] = {"text": "t", "number": "n", "timestamp": "d", "json": "j"}
COUNTS: dict[Storage, int] = {"text": 120, "number": 40, "timestamp": 20, "json": 20}


def all_slots(storage: Storage) -> tuple[str, ...]:
    """Every slot of that type, in order."""
    return tuple(f"{PREFIXES[storage]}{number}" for number in range(1, COUNTS[storage] + 1))


def choose(storage: Storage, *, held: Collection[str]) -> str:
    """The first slot nobody holds; deleted fields hold theirs until its values are cleared.

    Raises:
        LimitReached: the table has as many columns of this type as fit.
    """
    for slot in all_slots(storage):
        if slot not in held:
            return slot
    raise LimitReached(
        f"A table holds at most {COUNTS[storage]} columns that store {storage}, and this one has them. "
        "Delete a column you no longer need, or begin another table."
    )
