"""From a writer's reply to a section: its shape kept, every sentence checked against the claims it cites; pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spadework.plug import json_text, reading
from spadework.research.rules import scoring, sentences
from spadework.research.rules.extraction import texts
from spadework.research.rules.shapes import SHAPES, Field, required_paths
from spadework.research.types.claims import SOURCE_TIERS, MergedClaim, ResolvedObject
from spadework.research.types.dossiers import (
    Contact,
    LeadScore,
    Section,
    SectionKey,
    Sentence,
    UsedSource,
)

_MOST_ITEMS = 40


def write(
    key: SectionKey,
    reply: Any,
    claims: Sequence[MergedClaim],
    *,
    score: LeadScore | None = None,
    resolved: Sequence[ResolvedObject] = (),
    known: Collection[str] = (),
) -> Section:
    """The section a reply holds (text, or already parsed), with every sentence and what it leads back to.

    `known` are names that need no claim: the client's, the company's. A sentence that cites one of `resolved`
    cites the claims of that. The intro's score and urgency come from `score`. What does not belong to the shape is left out and said in `problems`.

    Raises:
        ValueError: the section has no writer, or the reply holds no content.
    """
    if key not in SHAPES:
        raise ValueError(f"The section {key} has no writer. Those are: {', '.join(SHAPES)}.")
    content = _content(key, reply)
    objects = {each.object_id: each.evidence_claim_ids for each in resolved}
    reader = _Reader(sentences.support_of(claims, known=known), _addresses(claims), objects)
    written = reader.object(content, SHAPES[key], ())
    if key == "INTRO":
        _put_score(written, score, reader.problems)
    missing = [path for path in required_paths(SHAPES[key]) if reading.is_blank(_at(written, path))]
    reader.problems += [f"{path} is empty." for path in missing]
    cited = tuple(dict.fromkeys(each for sentence in reader.sentences for each in sentence.claim_ids))
    by_id = {each.merged_claim_id: each for each in claims}
    used = [by_id[each] for each in cited if each in by_id]
    return Section(
        key=key, content=written, sentences=tuple(reader.sentences), problems=tuple(dict.fromkeys(reader.problems)),
        claim_ids=tuple(each.merged_claim_id for each in used), sources=sources_of(used, key),
        is_complete=not missing and bool(reader.sentences),
    )  # fmt: skip


def contacts_section(contacts: Sequence[Contact]) -> Section:
    """The contacts as a section; it has no sentences of its own, because contacts carry their own sources."""
    verified = [
        {
            "name": each.name, "title": each.title, "email": each.email, "linkedin": each.linkedin_url, "bio": each.bio,
            "tier": "PRIMARY" if each.is_primary else "SECONDARY",
        }
        for each in contacts
    ]  # fmt: skip
    unverified = sum(not each.is_verified for each in contacts)
    problems = (f"{unverified} of {len(contacts)} contacts are not verified.",) if unverified else ()
    return Section(
        key="CONTACTS", content={"verified_contacts": verified}, problems=problems, is_complete=bool(contacts)
    )


def score_section(score: LeadScore, claims: Sequence[MergedClaim]) -> Section:
    """The lead score as a section: points, reasons, and the claims each part rests on.

    A part that was scored before the merge names pages; the claims found in them carry it.
    """
    parts: list[dict[str, Any]] = []
    for each in score.parts:
        urls = set(each.source_urls)
        carried = [
            c.merged_claim_id for c in claims if c.is_usable and urls & {s.url for s in c.sources if s.is_supported}
        ]
        parts.append(
            {"name": each.name, "points": each.points, "most": each.most, "reason": each.reason,
             "claim_ids": list(each.claim_ids) or carried, "source_urls": list(each.source_urls)}
        )  # fmt: skip
    ids = tuple(dict.fromkeys(name for part in parts for name in part["claim_ids"]))
    content = {
        "lead_score": score.total, "timing_urgency": score.urgency, "urgency_reason": score.urgency_reason, "parts": parts
    }  # fmt: skip
    used = [each for each in claims if each.merged_claim_id in ids]
    return Section(
        key="SCORE", content=content, problems=score.problems, claim_ids=ids, sources=sources_of(used, "SCORE")
    )


def sources_of(claims: Iterable[MergedClaim], *used_in: SectionKey) -> tuple[UsedSource, ...]:
    """The sources of claims, each address once, those whose quote was found only, best tier first."""
    found: dict[str, UsedSource] = {}
    for claim in claims:
        for each in claim.sources:
            if not each.is_supported or not each.url:
                continue
            known = found.get(each.url)
            ids = (*(known.claim_ids if known else ()), claim.merged_claim_id)
            tier = min((each.tier, known.tier) if known else (each.tier,), key=_rank)
            found[each.url] = UsedSource(
                url=each.url, name=known.name if known else each.name, tier=tier, used_in=used_in,
                claim_ids=tuple(dict.fromkeys(ids)),
            )  # fmt: skip
    return tuple(sorted(found.values(), key=lambda each: _rank(each.tier)))


def all_sources(sections: Sequence[Section]) -> tuple[UsedSource, ...]:
    """The sources of a whole dossier, each address once with every section that uses it."""
    found: dict[str, UsedSource] = {}
    for section in sections:
        for each in section.sources:
            known = found.get(each.url)
            found[each.url] = UsedSource(
                url=each.url, name=each.name, tier=each.tier,
                used_in=tuple(dict.fromkeys((*(known.used_in if known else ()), section.key))),
                claim_ids=tuple(dict.fromkeys((*(known.claim_ids if known else ()), *each.claim_ids))),
            )  # fmt: skip
    return tuple(sorted(found.values(), key=lambda each: _rank(each.tier)))


@dataclass(slots=True)
class _Reader:
    """Walks a reply along the section's shape, and keeps the sentences and problems it meets."""

    support: sentences.Support
    addresses: Collection[str]
    objects: Mapping[str, tuple[str, ...]]
    sentences: list[Sentence] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def object(
        self, value: Any, shape: Field, path: tuple[str, ...], inherited: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        said = reading.mapping(value)
        ids = tuple(each.upper() for each in texts(said.get("claim_ids"))) or inherited
        if unknown := [each for each in said if each not in shape.fields and each != "claim_ids"]:
            self.problems.append(f"{'.'.join((*path, unknown[0]))} does not belong to this section.")
        return {
            name: self.value(said.get(name), each, (*path, name), ids)
            for name, each in shape.fields.items()
            if each.kind != "number"
        }

    def value(self, value: Any, shape: Field, path: tuple[str, ...], ids: tuple[str, ...]) -> Any:
        if shape.kind == "object":
            return self.object(value, shape, path, ids)
        if shape.kind == "list":
            assert shape.item is not None
            items = value if isinstance(value, list) else []
            kept = [self.value(each, shape.item, (*path, str(at)), ids) for at, each in enumerate(items[:_MOST_ITEMS])]
            return [each for each in kept if not reading.is_blank(each)]
        said = reading.text(
            "\n\n".join(each for each in value if isinstance(each, str)) if isinstance(value, list) else value
        )
        return self.text(said, shape, path, ids) if said else None

    def text(self, said: str, shape: Field, path: tuple[str, ...], ids: tuple[str, ...]) -> str:
        place = ".".join(path)
        cited = sentences.split(said)
        bare = " ".join(each.text for each in cited) if shape.kind not in ("prose", "advice") else _paragraphs(said)
        if len(bare) > shape.most_characters:
            self.problems.append(f"{place} has {len(bare)} characters; {shape.most_characters} are allowed.")
        self.problems += [f"{place} has {each}." for each in sentences.style_problems(bare)]
        if path[-1] == "source_url" and bare not in self.addresses:
            self.problems.append(f"{place} is not the address of a source of this dossier, so it is left out.")
            return ""
        if shape.kind == "plain":
            return bare
        if len(cited) == 1 and not cited[0].claim_ids:
            own = ids or (sentences.trace(cited[0].text, self.support) if shape.kind == "label" else ())
            cited = [sentences.Cited(cited[0].text, own)]
        cited = [sentences.Cited(each.text, self._claims(each.claim_ids)) for each in cited]
        is_advice = shape.kind == "advice"
        self.sentences += [sentences.check(place, each, self.support, is_advice=is_advice) for each in cited]
        return bare

    def _claims(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for each in ids for name in self.objects.get(each, (each,))))


def _content(key: SectionKey, reply: Any) -> dict[str, Any]:
    value = json_text.find_first(reply, dict) if isinstance(reply, str) else reply
    said = reading.mapping(reading.clean(value))
    content = reading.mapping(said.get("content")) or said
    own = SHAPES[key].fields
    if not any(name in content for name in own):
        # A writer may give the one list or object of the section without the field around it.
        inner = next(iter(own.values()))
        if inner.kind == "object" and any(name in content for name in inner.fields):
            return {next(iter(own)): content}
        raise ValueError(f"The reply holds none of: {', '.join(own)}.")
    return content


def _put_score(content: dict[str, Any], score: LeadScore | None, problems: list[str]) -> None:
    if score is None:
        problems.append("The lead has not been scored.")
        content |= {"lead_score": None, "score_explanation": None, "timing_urgency": None}
        return
    parts = (f"{each.name.replace('_', ' ')} {each.points} of {each.most}: {each.reason}" for each in score.parts)
    content |= {
        "lead_score": score.total,
        "score_explanation": " ".join(parts),
        "timing_urgency": scoring.intro_urgency(score.urgency),
    }


def _addresses(claims: Sequence[MergedClaim]) -> frozenset[str]:
    return frozenset(each.url for claim in claims for each in claim.sources if each.is_supported and each.url)


def _paragraphs(said: str) -> str:
    parts = (" ".join(each.text for each in sentences.split(part)) for part in said.split("\n\n"))
    return "\n\n".join(each for each in parts if each)


def _at(content: Mapping[str, Any], path: str) -> Any:
    found: Any = content
    for name in path.split("."):
        found = reading.mapping(found).get(name)
    return found


def _rank(tier: str) -> int:
    return next((place for place, each in enumerate(SOURCE_TIERS) if each == tier), len(SOURCE_TIERS))
