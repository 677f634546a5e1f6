"""Which merged claims each section is written from: the plan's choice, and by type what the plan forgot; pure.

Ids are those of merged claims. A plan that names a claim from before the merge means the merged claim that
holds it now. Source of the defaults: domain facts 2.3.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spadework.plug import json_text, reading
from spadework.research.rules.extraction import texts
from spadework.research.types.claims import ClaimType, Merge, MergedClaim, ResolvedObject
from spadework.research.types.dossiers import SECTION_KEYS, Route, Routing, SectionKey

DEFAULT_SECTIONS: Mapping[ClaimType, tuple[SectionKey, ...]] = {
    "SIGNAL": ("SIGNALS", "INTRO", "STRATEGY"),
    "CONTACT": ("CONTACTS", "LEAD_INTELLIGENCE"),
    "ENTITY": ("LEAD_INTELLIGENCE", "INTRO"),
    "RELATIONSHIP": ("LEAD_INTELLIGENCE", "STRATEGY"),
    "OPPORTUNITY": ("OPPORTUNITY",),
    "METRIC": ("OPPORTUNITY",),
    "ATTRIBUTE": ("LEAD_INTELLIGENCE",),
    "NOTE": ("CLIENT_SPECIFIC",),
}
_OTHER_NAMES: Mapping[str, SectionKey] = {
    "CLIENT_REQUEST": "CLIENT_SPECIFIC",
    "LEAD_INTEL": "LEAD_INTELLIGENCE",
    "NETWORK": "LEAD_INTELLIGENCE",
    "LEAD_SCORE": "SCORE",
}


def read_section(name: str) -> SectionKey | None:
    """The section a plan or writer means: `lead-intelligence`, `Lead Intelligence`, `CLIENT REQUEST`; None for none."""
    key = re.sub(r"[^A-Z]+", "_", name.strip().upper()).strip("_")
    return _OTHER_NAMES.get(key) or next((each for each in SECTION_KEYS if each == key), None)


def route(
    reply: Any, claims: Sequence[MergedClaim], resolved: Sequence[ResolvedObject], placed: Mapping[str, str]
) -> Routing:
    """Every section's claims. `placed` says which merged claim holds each original one.

    A claim that no section gets and that is not left out on purpose goes where its type belongs. One that may
    not be used (invalid, or no quote found) goes nowhere, with the reason. Ids of nothing are in `rejected_ids`.
    """
    plan = _plan(reply)
    usable = {each.merged_claim_id for each in claims if each.is_usable}
    unmapped = {each.merged_claim_id: _unusable(each) for each in claims if not each.is_usable}
    reader = _Ids({each.merged_claim_id for each in claims}, {each.object_id for each in resolved}, placed)
    chosen: dict[SectionKey, list[str]] = {key: [] for key in SECTION_KEYS}
    objects: dict[SectionKey, list[str]] = {key: [] for key in SECTION_KEYS}
    notes: dict[SectionKey, str] = {}
    for name, wanted in reading.mapping(plan.get("section_routing")).items():
        section = read_section(name)
        if section is None:
            reader.rejected.append(name)
            continue
        said = reading.mapping(wanted) or {"claim_ids": wanted}
        chosen[section] += [each for each in reader.claims(texts(said.get("claim_ids"))) if each in usable]
        objects[section] += reader.objects(texts(said.get("resolved_object_ids")))
        notes[section] = (reading.text(said.get("coverage_notes")) or "")[:1000]
    unmapped |= {claim: why for claim, why in _left_out(plan, reader).items() if claim in usable}
    placed_already = {claim for claims_of in chosen.values() for claim in claims_of}
    defaults = _defaults(each for each in claims if each.merged_claim_id in usable - placed_already - set(unmapped))
    routes = tuple(
        Route(
            section=key, claim_ids=_sorted([*chosen[key], *defaults.get(key, ())]),
            resolved_object_ids=_sorted(objects[key]), coverage_notes=notes.get(key, ""),
            default_claim_ids=_sorted(defaults.get(key, ())),
        )
        for key in SECTION_KEYS
    )  # fmt: skip
    unmapped = {claim: why for claim, why in unmapped.items() if claim not in placed_already}
    return Routing(routes=routes, unmapped=unmapped, rejected_ids=tuple(dict.fromkeys(reader.rejected)))


def route_by_type(merge: Merge) -> Routing:
    """Where every claim goes when no plan was made."""
    return route({}, merge.claims, merge.resolved, merge.placed)


class _Ids:
    """Reads ids out of a plan, and keeps those that name nothing."""

    def __init__(self, claims: set[str], objects: set[str], placed: Mapping[str, str]) -> None:
        self._claims, self._objects, self._placed = claims, objects, placed
        self.rejected: list[str] = []

    def claims(self, said: Iterable[str]) -> list[str]:
        found = []
        for each in said:
            name = each.rsplit(".", 1)[-1].strip()
            known = name.upper() if name.upper() in self._claims else self._placed.get(name.lower())
            if known is None:
                self.rejected.append(each)
            else:
                found.append(known)
        return found

    def objects(self, said: Iterable[str]) -> list[str]:
        known = [each for each in said if each.upper() in self._objects]
        self.rejected += [each for each in said if each.upper() not in self._objects]
        return [each.upper() for each in known]


def _plan(reply: Any) -> dict[str, Any]:
    value = json_text.find_first(reply, dict) if isinstance(reply, str) else reply
    return reading.mapping(reading.clean(value))


def _left_out(plan: Mapping[str, Any], reader: _Ids) -> dict[str, str]:
    """Claims left out on purpose with the reason: from `{claim_ids, reasons}`, a list of ids, or of `{claim_ids, reason}`."""
    said = plan.get("unmapped_claims")
    groups = [*reading.mappings(said), reading.mapping(said), {"claim_ids": said}]
    left: dict[str, str] = {}
    for group in groups:
        reasons = reading.mapping(group.get("reasons"))
        common = reading.text(group.get("reason")) or "Left out by the plan."
        for name in dict.fromkeys([*texts(group.get("claim_ids")), *reasons]):
            for claim in reader.claims([name]):
                left.setdefault(claim, reading.text(reasons.get(name)) or common)
    return left


def _unusable(claim: MergedClaim) -> str:
    return claim.invalid_because or "No stored source holds its quote."


def _defaults(claims: Iterable[MergedClaim]) -> dict[SectionKey, list[str]]:
    found: dict[SectionKey, list[str]] = {}
    for claim in claims:
        for section in DEFAULT_SECTIONS[claim.type]:
            found.setdefault(section, []).append(claim.merged_claim_id)
    return found


def _sorted(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ids)))
