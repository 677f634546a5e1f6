"""From a merge's reply to patches: the shape of each by itself; whether the claims exist is decided in merging."""

from collections.abc import Mapping
from typing import Any

from spadework.plug import json_text, reading
from spadework.research.rules.extraction import read_date, texts
from spadework.research.types.claims import PATCH_KINDS, Patch, RejectedPatch

_SAYS = "They are: " + ", ".join(PATCH_KINDS) + "."


def read(reply: Any) -> tuple[list[Patch], list[RejectedPatch]]:
    """The patches of a reply (text, or already parsed) and those that cannot be read, by their place in it."""
    entries = _entries(reply)
    if entries is None:
        return [], [
            RejectedPatch(position=0, kind="", reason="The reply holds no list of patches.", given=str(reply)[:300])
        ]
    patches: list[Patch] = []
    rejected: list[RejectedPatch] = []
    for position, entry in enumerate(entries, 1):
        try:
            patches.append(_read_one(entry, position))
        except ValueError as problem:
            kind = reading.text_at(entry, "action", "kind", "type") or "" if isinstance(entry, Mapping) else ""
            rejected.append(RejectedPatch(position=position, kind=kind[:60], reason=str(problem), given=entry))
    return patches, rejected


def _entries(reply: Any) -> list[Any] | None:
    if isinstance(reply, str):
        found = (_listed(value) for value in json_text.readings(reply))
        return next((each for each in found if each is not None), None)
    return _listed(reply)


def _listed(value: Any) -> list[Any] | None:
    if isinstance(value, Mapping):
        value = value.get("patches")
    return value if isinstance(value, list) else None


def _read_one(entry: Any, position: int) -> Patch:
    if not isinstance(entry, Mapping):
        raise ValueError("It is no object.")
    said = [(reading.text(entry.get(each)) or "").lower() for each in ("action", "kind", "patch_type", "type", "op")]
    # `kind` may also be the kind of conflict, beside an `action` that says what to do.
    kind = next((each for each in PATCH_KINDS if each in said), None)
    if kind is None:
        raise ValueError(f"There is no patch {' '.join(filter(None, said))[:60]!r}. {_SAYS}")
    keep = reading.text_at(entry, "keep", "keep_id", "claim_id", "target")
    others = [
        each for name in ("drop", "merge", "remove", "others", "claim_ids", "claims") for each in texts(entry.get(name))
    ]
    others += [found for name in ("conflicts_with", "preferred") for found in texts(entry.get(name))]
    if kind in ("invalidate", "flag_conflict"):
        others, keep = ([keep] if keep else []) + others, None
    elif keep is None and others:
        keep, others = others[0], others[1:]
    patch = Patch(
        position=position,
        kind=kind,
        keep=keep,
        others=tuple(dict.fromkeys(others)),
        reason=(reading.text_at(entry, "reason", "why") or "")[:1000],
        topic=(reading.text_at(entry, "topic", "about") or "")[:200],
        name=reading.text_at(entry, "name", "person") or "",
        organization=reading.text_at(entry, "organization", "company") or "",
        resolution=_resolution(entry),
        is_timeline=_is_timeline(entry),
        statuses=_statuses(entry.get("statuses")),
        entities=texts(entry.get("entities", entry.get("add_entities"))),
        date_in_claim=read_date(entry.get("date_in_claim", entry.get("date"))),
        note=(reading.text_at(entry, "note", "context") or "")[:1000],
    )
    _check(patch, entry)
    return patch


def _check(patch: Patch, entry: Mapping[str, Any]) -> None:
    if patch.kind in ("merge", "merge_contact") and (not patch.keep or not patch.others):
        raise ValueError("It needs `keep`, one claim, and `drop`, those it takes in.")
    if patch.kind == "invalidate" and not patch.others:
        raise ValueError("It needs `claim_ids`, those no longer believed.")
    if patch.kind == "flag_conflict" and len(patch.others) < 2:
        raise ValueError("It needs `claim_ids`, at least two that do not agree.")
    if patch.kind == "enhance":
        if not patch.keep or patch.others:
            raise ValueError("It needs `claim_id`, one claim.")
        if reading.text(entry.get("statement")):
            raise ValueError("Statements are not rewritten, because their quotes were checked. Use `note`.")
        if not (patch.entities or patch.date_in_claim or patch.note):
            raise ValueError("It adds nothing: no `entities`, no `date_in_claim`, no `note`.")


def _resolution(entry: Mapping[str, Any]) -> Any:
    said = (reading.text(entry.get("resolution")) or "SAME_PERSON").upper()
    return said if said in ("SAME_PERSON", "DIFFERENT_PERSON", "UNSURE") else "UNSURE"


def _statuses(value: Any) -> dict[str, str]:
    """Each claim's place in a timeline, from an object or from a list of `{claim_id, status}`."""
    listed = {str(each["claim_id"]): each.get("status") for each in reading.mappings(value) if each.get("claim_id")}
    return {str(claim): str(status).upper() for claim, status in (listed or reading.mapping(value)).items()}


def _is_timeline(entry: Mapping[str, Any]) -> bool:
    if entry.get("is_timeline") is True:
        return True
    said = reading.text_at(entry, "kind", "conflict_type", "resolution") or ""
    return said.upper() == "TIMELINE"
