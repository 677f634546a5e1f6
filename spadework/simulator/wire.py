"""What a simulated vendor is asked and what it replies; plain data, no sockets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

VendorFault = Literal["bad_key", "out_of_credits", "rate_limited", "forbidden", "vendor_down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request. `path` is without the vendor's own prefix; `headers` have lower-case names.

    `attempt` counts equal questions from 1, for replies that come only after a while; `credits_used` is
    what this vendor has billed so far. An equal question of an equal attempt always gets an equal reply.
    """

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: Any
    seed: int
    attempt: int = 1
    credits_used: float = 0.0

    def first(self, name: str) -> str:
        """The first value of a query parameter, "" without one; a JSON body counts as well."""
        if values := self.query.get(name):
            return values[0]
        value = self.body.get(name) if isinstance(self.body, dict) else None
        return value if isinstance(value, str) else ""

    def every(self, name: str) -> list[str]:
        """All values of a repeated query parameter, also under its bare name in a JSON body."""
        if values := self.query.get(name):
            return list(values)
        value = self.body.get(name.removesuffix("[]")) if isinstance(self.body, dict) else None
        return [str(each) for each in value] if isinstance(value, list) else []

    def number(self, name: str, default: int, *, most: int) -> int:
        """A whole number between 1 and `most`."""
        text = self.first(name)
        return max(1, min(int(text), most)) if text.isdigit() else default


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply as the vendor would write it; `body` is JSON, or text where the vendor sends text.

    `call_class` "A" and "B" say that the vendor did paid work (an effect, even when a miss costs 0);
    for "A" an equal question is the same work and is done and billed once.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    call_class: Literal["A", "B", "C"] = "C"
    billed_credits: float = 0.0
