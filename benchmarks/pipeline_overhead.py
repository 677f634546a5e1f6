"""A whole dossier of fourteen steps with calls of 100 ms, against the shortest time its order of calls allows.

That time is added up from the sequence and from which calls were really made: what waits for each other
in turn, what may go side by side at once (searches all, pages four, people five).
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from benchmarks import dossiers, product, report
from spadework.plug.step import Step
from spadework.research.actions import pipeline

_LATENCY_MS = 100
_PAGES_AT_ONCE = 4
_CONTACTS_AT_ONCE = 5
_MOST = 1.15


def main(rounds: int) -> None:
    pairs = []
    with dossiers.started(_LATENCY_MS) as running:
        for _ in range(rounds + 1):
            pairs.append(_measure(running))
    # The first warms up.
    ours, shortest = sorted(pairs[1:], key=lambda pair: pair[0] / pair[1])[rounds // 2]
    found = report.result(
        "pipeline_overhead", ours=ours, reference=shortest, reference_name="the critical path of its calls, by hand",
        unit="ms", is_more_better=False,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)
    limit = report.result(
        "pipeline_overhead_limit", ours=ours / shortest, reference=_MOST,
        reference_name="the limit set for wall time over critical path", unit="x", is_more_better=False,
    )  # fmt: skip
    print(json.dumps(asdict(limit)), flush=True)


def _measure(running: product.Product) -> tuple[float, float]:
    run_id = dossiers.begin(running)
    run = dossiers.await_end(running, run_id)
    took = datetime.fromisoformat(run["completed_at"]) - datetime.fromisoformat(run["started_at"])
    steps = running.call("GET", f"/v2/pipeline/runs/{run_id}/steps")["data"]
    return took.total_seconds() * 1000, shortest_ms(pipeline.load_steps(), steps)


def shortest_ms(sequence: Sequence[Step], step_runs: Sequence[Mapping[str, Any]]) -> float:
    """When the last step could have ended at the earliest, in milliseconds after the first began."""
    lanes = [each for each in sequence if each.is_per_contact]
    ends: dict[str, float] = {}
    for step in sequence:
        if step not in lanes:
            began = max((ends[each] for each in step.after), default=0.0)
            ends[step.key] = began + _rounds(step, [each for each in step_runs if each["of_step"] == step.id])
    if not lanes:
        return max(ends.values())
    began = max(ends[name] for step in lanes for name in step.after if name in ends)
    people = sorted({each["contact_index"] for each in step_runs if each["contact_index"] is not None})
    free = [began] * _CONTACTS_AT_ONCE
    for person in people:
        own = [each for each in step_runs if each["contact_index"] == person]
        took = sum(_rounds(step, [each for each in own if each["of_step"] == step.id]) for step in lanes)
        free[free.index(min(free))] += took
    return max(*ends.values(), *free)


def _rounds(step: Step, step_runs: Sequence[Mapping[str, Any]]) -> float:
    """How long one step's calls take: those that wait for each other one after the other."""
    aside = [each for each in step_runs if not step.is_in_turn and _bare(each["step"]) in {ask.id for ask in step.asks}]
    alone = [each for each in step_runs if each not in aside]
    in_turn = sum(_one(each) for each in alone)
    return (in_turn + max((_one(each) for each in aside), default=0)) * _LATENCY_MS


def _one(step_run: Mapping[str, Any]) -> int:
    """Rounds of calls in one step run: completions one by one, then searches all at once, then pages four at once."""
    calls = [each for each in step_run["calls"] or [] if not each.get("is_reused")]
    kinds = [each["capability"] for each in calls]
    searches = 1 if "search_web" in kinds else 0
    return kinds.count("complete") + searches + math.ceil(kinds.count("read_page") / _PAGES_AT_ONCE)


def _bare(key: str) -> str:
    return key.partition(":")[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    main(1 if parser.parse_args().quick else 5)
