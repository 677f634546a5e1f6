"""What goes wrong on purpose: set by flags, by `POST /_sim/config`, or for one request by `x-sim-fault`."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_args

from spadework.simulator.invented import Draw
from spadework.simulator.wire import VendorFault

BENCH = "bench"
VENDOR_FAULTS: tuple[str, ...] = get_args(VendorFault)
WIRE_FAULTS = {
    "hang": "nothing was done, and no reply ever comes",
    "drop": "nothing was done, and the connection closes",
    "lost_reply": "the work was done and billed, and the connection closes without a reply",
    "truncated": "the work was done and billed, and half of the reply arrives",
    "garbage": "nothing was done, and an HTML page comes with status 200",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing going wrong. `amount` is seconds for `rate_limited` and milliseconds for `latency`."""

    kind: str
    amount: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How the simulator misbehaves. Rates are shares of requests; `only` names the one vendor affected.

    Without `only`, rates and `fault` spare `/bench`, whose replies a benchmark relies on.
    """

    latency_from_ms: float = 40.0
    latency_to_ms: float = 250.0
    throttle_rate: float = 0.01
    retry_after_seconds: float = 1.0
    vendor_down_rate: float = 0.0
    hang_rate: float = 0.0
    lost_reply_rate: float = 0.0
    out_of_credits_after: float | None = None
    fault: str = ""
    only: str = ""

    def changed(self, wanted: Mapping[str, Any]) -> "Faults":
        """These settings with some changed; `latency_ms` sets both ends of the range.

        Raises:
            ValueError: a name or value is unknown; the message lists the names.
        """
        names = {each.name for each in fields(self)}
        if "latency_ms" in wanted:
            fixed = wanted["latency_ms"]
            rest = {key: value for key, value in wanted.items() if key != "latency_ms"}
            wanted = {"latency_from_ms": fixed, "latency_to_ms": fixed, **rest}
        if unknown := sorted(set(wanted) - names):
            raise ValueError(f"No setting {', '.join(unknown)}. There are: latency_ms, {', '.join(sorted(names))}.")
        for name, value in wanted.items():
            is_text = name in ("fault", "only")
            is_right = isinstance(value, str) if is_text else isinstance(value, int | float) and value >= 0
            if not is_right and not (name == "out_of_credits_after" and value is None):
                raise ValueError(f"{name} must be {'text' if is_text else 'a number from 0 up'}, not {value!r}.")
        if wanted.get("fault"):
            parse(wanted["fault"])
        return replace(self, **wanted)

    def latency_seconds(self, draw: Draw) -> float:
        """How long the vendor takes; mostly near the lower end, as real vendors do."""
        span = self.latency_to_ms - self.latency_from_ms
        return (self.latency_from_ms + span * draw.share(4) ** 2) / 1_000

    def happening(self, vendor: str, draw: Draw) -> Fault | None:
        """What goes wrong with one request, decided by its draw alone."""
        if self.only != vendor and (self.only or vendor == BENCH):
            return None
        if self.fault:
            return parse(self.fault)
        share = draw.share(5)
        for kind, rate in (
            ("rate_limited", self.throttle_rate),
            ("vendor_down", self.vendor_down_rate),
            ("hang", self.hang_rate),
            ("lost_reply", self.lost_reply_rate),
        ):
            if share < rate:
                return Fault(kind=kind)
            share -= rate
        return None


def parse(text: str) -> Fault:
    """The fault of a text such as `hang`, `rate_limited:2.5` (seconds) or `latency:800` (milliseconds).

    Raises:
        ValueError: there is no such fault; the message lists those there are.
    """
    kind, _, amount = text.strip().partition(":")
    if kind not in VENDOR_FAULTS and kind not in WIRE_FAULTS and kind != "latency":
        raise ValueError(f"No fault {kind!r}. There are: {', '.join((*VENDOR_FAULTS, *WIRE_FAULTS, 'latency:<ms>'))}.")
    return Fault(kind=kind, amount=float(amount) if amount else None)
