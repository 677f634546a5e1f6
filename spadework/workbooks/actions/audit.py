"""What must always hold of cells: each run writes each of its cells once, and what is shown was written."""

from spadework.core.db import ReadOnly
from spadework.spend.types import Finding
from spadework.workbooks.store import audit as store


async def audit(tx: ReadOnly) -> list[Finding]:
    """Each rule with how many cells were looked at and how many break it."""
    versions = await store.repeated_versions(tx)
    states = await store.states_without_version(tx)
    return [
        Finding(
            name="one_version_per_run", checked=versions[0], wrong=versions[1],
            rule="A run writes each of its cells once",
        ),
        Finding(
            name="shown_was_written", checked=states[0], wrong=states[1],
            rule="A cell that is done has the version of the run that filled it",
        ),
    ]  # fmt: skip
