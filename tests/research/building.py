"""Short ways to say what research rules work on: a page, claims of it, merged claims."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from spadework.research.types.claims import Claim, Evidence, MergedClaim, Source, SourceRef, SourceTier

TODAY = date(2026, 6, 1)
PAGE = (
    "Harbor Foods said on 4 May 2026 that it will build a cold store in Dayton, Ohio. The plant costs $40 million "
    "and opens in March 2027. Dana Field is Vice President of Operations at Harbor Foods."
)


def page(text: str = PAGE, url: str = "https://harbor.example/news") -> Source:
    """A page as it was read."""
    return Source(
        id=uuid4(), run_id=None, url=url, name="Harbor news", text=text, fetched_at=datetime(2026, 6, 1, tzinfo=UTC)
    )


def claim(claim_id: str, statement: str = "", **given: Any) -> Claim:
    """A claim whose quote was found, unless `evidence` is None."""
    evidence: Any = given.pop("evidence", Evidence(source_id=UUID(int=1), start=0, end=20))
    return Claim(
        claim_id=claim_id,
        statement=statement or f"What {claim_id} says",
        source_step=given.pop("source_step", "2-signal-discovery"),
        source_url=given.pop("source_url", f"https://{claim_id.replace('_', '-')}.example/page"),
        evidence=evidence,
        unsupported_because=None if evidence else "The quote is in none of the stored sources.",
        **given,
    )


def merged(
    name: str, statement: str, *, tier: SourceTier = "PRIMARY", is_supported: bool = True, **given: Any
) -> MergedClaim:
    """A merged claim with one source."""
    source = SourceRef(
        original_claim_id="search_001", url="https://harbor.example/news", name="Harbor news", tier=tier,
        quote=given.pop("quote", statement), source_id=UUID(int=1) if is_supported else None,
        start=0 if is_supported else None, end=9 if is_supported else None,
    )  # fmt: skip
    values: dict[str, Any] = {
        "type": "SIGNAL", "entities": (), "date_in_claim": None, "original_claim_ids": ("search_001",),
        "confidence": "HIGH", "sources": (source,), **given,
    }  # fmt: skip
    return MergedClaim(merged_claim_id=name, statement=statement, **values)
