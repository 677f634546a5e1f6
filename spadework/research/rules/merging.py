"""The merge of a run's claims: patches checked against the claims that exist, then applied by code; pure.

A patch that names an unknown claim is rejected as a whole and reported. Sources and entities of what is
merged away are united in what is kept. Sources of the rules: domain facts 2.3.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from spadework.research.rules import people
from spadework.research.rules.building import Flag, build
from spadework.research.types.claims import Claim, Merge, Patch, RejectedPatch, ResolvedKind

TIMELINE_STATUSES = ("ANNOUNCED", "REVISED", "ACTUAL")


class _Refused(Exception):
    """Why a patch is not applied, and the ids in it that name nothing."""

    def __init__(self, reason: str, unknown: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.unknown = tuple(unknown)


@dataclass(slots=True)
class Groups:
    """The claims while patches are applied: which one each was merged into, and what was said of each."""

    claims: Mapping[str, Claim]
    parents: dict[str, str]
    members: dict[str, list[str]]
    invalid: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    added: dict[str, list[str]] = field(default_factory=dict)
    dates: dict[str, date] = field(default_factory=dict)
    people: dict[str, tuple[str, str]] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)

    def find(self, said: str) -> str | None:
        """The claim that now stands for the one a patch names (`search_001` or `step.search_001`); None if there is none."""
        name = said.strip()
        if name not in self.claims:
            name = name.rsplit(".", 1)[-1].strip().lower()
        if name not in self.claims:
            return None
        while self.parents[name] != name:
            name = self.parents[name]
        return name

    def unite(self, keep: str, others: Iterable[str]) -> str:
        """Let one claim stand for all; one whose quote was found goes before one whose was not."""
        everyone = [keep, *others]
        head = keep
        if not self.claims[keep].is_supported:
            head = next((each for each in everyone if self.claims[each].is_supported), keep)
        for each in everyone:
            if each == head:
                continue
            self.parents[each] = head
            self.members[head] += self.members.pop(each)
            self.notes.setdefault(head, []).extend(self.notes.pop(each, []))
            self.added.setdefault(head, []).extend(self.added.pop(each, []))
            if (on := self.dates.pop(each, None)) is not None:
                self.dates.setdefault(head, on)
            if (person := self.people.pop(each, None)) is not None:
                self.people.setdefault(head, person)
        return head


def merge(
    claims: Sequence[Claim], patches: Sequence[Patch], *, on: date, unread: Sequence[RejectedPatch] = ()
) -> Merge:
    """All claims of a run with the patches applied in their order; `on` is the day recency is measured from.

    Claims that say the same words are one before any patch. `unread` are patches that could not be read;
    they are reported with those that were refused here.
    """
    by_id = {each.claim_id: each for each in claims}
    groups = Groups(by_id, {each: each for each in by_id}, {each: [each] for each in by_id})
    _unite_equal(groups)
    rejected = list(unread)
    for patch in patches:
        try:
            _apply(groups, patch)
        except _Refused as refusal:
            rejected.append(
                RejectedPatch(
                    position=patch.position,
                    kind=patch.kind,
                    reason=str(refusal),
                    unknown_ids=refusal.unknown,
                    given={"keep": patch.keep, "others": list(patch.others)},
                )
            )
    return build(groups, _standing(groups, rejected), sorted(rejected, key=lambda each: each.position), on=on)


def _unite_equal(groups: Groups) -> None:
    first: dict[tuple[str, str, date | None], str] = {}
    for claim in groups.claims.values():
        said = (claim.type, " ".join(claim.statement.casefold().split()).rstrip("."), claim.date_in_claim)
        if (head := first.setdefault(said, claim.claim_id)) != claim.claim_id:
            first[said] = groups.unite(head, [claim.claim_id])


def _apply(groups: Groups, patch: Patch) -> None:
    named = [*([patch.keep] if patch.keep else []), *patch.others]
    found = {each: groups.find(each) for each in named}
    if unknown := [each for each, claim in found.items() if claim is None]:
        raise _Refused(f"There is no claim {', '.join(unknown)[:200]} in this run.", unknown)
    standing = list(dict.fromkeys(each for each in found.values() if each is not None))
    _APPLY[patch.kind](groups, patch, standing)


def _merge(groups: Groups, patch: Patch, standing: list[str]) -> None:
    _require_several(groups, standing)
    head = groups.unite(standing[0], standing[1:])
    _note(groups, head, patch.note)


def _merge_contact(groups: Groups, patch: Patch, standing: list[str]) -> None:
    _require_several(groups, standing)
    name = patch.name or _shared_name(groups, standing)
    if not name:
        raise _Refused("It does not say which person it is about. Give `name`.")
    decided = _decide_person(groups, standing, name, patch.organization)
    if "UNSURE" in (decided, patch.resolution) and decided != "DIFFERENT_PERSON":
        groups.flags.append(Flag(patch=patch, kind="AMBIGUOUS", claims=tuple(standing), label=name))
        return
    if "DIFFERENT_PERSON" in (decided, patch.resolution):
        groups.flags.append(Flag(patch=patch, kind="CONTACT", claims=tuple(standing), label=name))
        if decided == "DIFFERENT_PERSON" and patch.resolution == "SAME_PERSON":
            raise _Refused(f"The claims about {name} name different companies: two people. Both are kept.")
        return
    head = groups.unite(standing[0], standing[1:])
    groups.people[head] = (name, patch.reason)
    _note(groups, head, patch.note)


def _invalidate(groups: Groups, patch: Patch, standing: list[str]) -> None:
    for said in patch.others:
        head = groups.find(said)
        assert head is not None
        if head != said.rsplit(".", 1)[-1].strip() and len(groups.members[head]) > 1:
            raise _Refused(f"{said} is already part of {head}. Invalidate {head}, or do not merge them.")
    for each in standing:
        groups.invalid[each] = patch.reason or "Invalidated by the merge."


def _flag_conflict(groups: Groups, patch: Patch, standing: list[str]) -> None:
    if len(standing) < 2:
        raise _Refused("The claims it names are one by now.")
    kind: ResolvedKind = "TIMELINE" if patch.is_timeline else "CONFLICT"
    if odd := [each for each in patch.statuses.values() if each not in TIMELINE_STATUSES]:
        raise _Refused(f"There is no status {odd[0][:40]!r}. They are: {', '.join(TIMELINE_STATUSES)}.")
    if unknown := [each for each in patch.statuses if groups.find(each) is None]:
        raise _Refused(f"There is no claim {', '.join(unknown)[:200]} in this run.", unknown)
    groups.flags.append(Flag(patch=patch, kind=kind, claims=tuple(standing), label=patch.topic))


def _enhance(groups: Groups, patch: Patch, standing: list[str]) -> None:
    head = standing[0]
    if head in groups.invalid:
        raise _Refused(f"{head} was invalidated before.")
    known = groups.dates.get(head) or groups.claims[head].date_in_claim
    if patch.date_in_claim and known and known != patch.date_in_claim:
        raise _Refused(f"{head} has the date {known} already. Use flag_conflict if they contradict each other.")
    if patch.date_in_claim and not known:
        groups.dates[head] = patch.date_in_claim
        _note(groups, head, f"Date {patch.date_in_claim} added by the merge.")
    groups.added.setdefault(head, []).extend(patch.entities)
    _note(groups, head, patch.note)


_APPLY = {
    "merge": _merge,
    "merge_contact": _merge_contact,
    "invalidate": _invalidate,
    "flag_conflict": _flag_conflict,
    "enhance": _enhance,
}


def _require_several(groups: Groups, standing: Sequence[str]) -> None:
    if len(standing) < 2:
        raise _Refused("The claims it names are one by now.")
    if gone := [each for each in standing if each in groups.invalid]:
        raise _Refused(f"{gone[0]} was invalidated before, so nothing is merged with it.")


def _shared_name(groups: Groups, standing: Sequence[str]) -> str:
    first = groups.claims[standing[0]].entities
    for name in first:
        if len(people.words_of(name)) > 1 and all(
            any(people.is_same_name(name, each) for each in groups.claims[claim].entities) for claim in standing[1:]
        ):
            return name
    return ""


def _decide_person(groups: Groups, standing: Sequence[str], name: str, organization: str) -> people.Resolution:
    """Whether the claims are about one person, from what they say themselves."""
    companies: list[set[str]] = []
    for each in standing:
        claims = [groups.claims[member] for member in groups.members[each]]
        entities = {entity for claim in claims for entity in claim.entities}
        said = people.words_of(" ".join([*entities, *(claim.statement for claim in claims)]))
        if not people.mentions(said, name) and not any(people.is_same_name(name, entity) for entity in entities):
            raise _Refused(f"{each} does not mention {name[:80]!r}.")
        others = {" ".join(people.words_of(entity)) for entity in entities if not people.is_same_name(name, entity)}
        if organization and people.mentions(said, organization):
            others.add(" ".join(people.words_of(organization)))
        companies.append(others)
    if any(not each for each in companies):
        return "UNSURE"
    shared = all(each & companies[0] for each in companies[1:])
    return "SAME_PERSON" if shared else "DIFFERENT_PERSON"


def _note(groups: Groups, head: str, note: str) -> None:
    if note:
        groups.notes.setdefault(head, []).append(note)


def _standing(groups: Groups, rejected: list[RejectedPatch]) -> list[Flag]:
    """The flags on what their claims are now; a later merge may have made them one."""
    kept: list[Flag] = []
    for flag in groups.flags:
        claims = tuple(dict.fromkeys(head for each in flag.claims if (head := groups.find(each)) is not None))
        if len(claims) > 1:
            statuses = {head: status for each, status in flag.patch.statuses.items() if (head := groups.find(each))}
            kept.append(replace(flag, claims=claims, statuses=statuses))
        else:
            rejected.append(
                RejectedPatch(
                    position=flag.patch.position,
                    kind=flag.patch.kind,
                    reason="A later patch made its claims one, so there is nothing left to tell apart.",
                    given={"others": list(flag.patch.others)},
                )
            )
    return kept
