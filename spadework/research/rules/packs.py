"""Context packs: named by who reads them, held to a size, and resting on claims that exist; pure.

Source: domain facts 2.4, with the packs named by consumer instead of by the step before.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from spadework.plug import json_text, reading
from spadework.research.rules.extraction import texts, without_details
from spadework.research.types.dossiers import CONSUMERS, ContextPack

MOST_TOKENS = 4000
_CHARACTERS_PER_TOKEN = 4
_OWN_KEYS = ("content", "do_not_repeat", "anchor_claim_ids", "anchor_claims", "consumer", "pack_type")


def read(consumer: str, reply: Any, *, claim_ids: Collection[str]) -> tuple[ContextPack, tuple[str, ...]]:
    """The pack of a reply and what is wrong with it: anchors that name no claim, content that was cut.

    `claim_ids` are those it may rest on: the run's claims, or the merged ones for the writers.

    Raises:
        ValueError: there is no such consumer, or the reply holds no object.
    """
    known = next((each for each in CONSUMERS if each == consumer), None)
    if known is None:
        raise ValueError(f"There is no context pack {consumer!r}. There are: {', '.join(CONSUMERS)}.")
    value = json_text.find_first(reply, dict) if isinstance(reply, str) else reply
    said = reading.mapping(reading.clean(value))
    if not said:
        raise ValueError("The reply holds no object.")
    content = reading.mapping(said.get("content")) or {name: said[name] for name in said if name not in _OWN_KEYS}
    given = [*texts(said.get("anchor_claim_ids")), *texts(said.get("anchor_claims"))]
    named = [each.rsplit(".", 1)[-1].strip() for each in given]
    ids = {each.casefold(): each for each in claim_ids}
    anchors = tuple(dict.fromkeys(ids[each.casefold()] for each in named if each.casefold() in ids))
    problems = [f"There is no claim {each[:80]!r} to rest on." for each in named if each.casefold() not in ids]
    kept, was_cut = _cut(_without_details(content))
    if was_cut:
        problems.append(f"The pack was longer than {MOST_TOKENS} tokens; its last parts were left out.")
    return ContextPack(
        consumer=known, content=kept, do_not_repeat=texts(said.get("do_not_repeat")), anchor_claim_ids=anchors,
        estimated_tokens=estimate_tokens(kept),
    ), tuple(problems)  # fmt: skip


def shown(pack: ContextPack) -> dict[str, Any]:
    """The pack as a prompt gets it."""
    return {
        "consumer": pack.consumer,
        **pack.content,
        "do_not_repeat": list(pack.do_not_repeat),
        "anchor_claim_ids": list(pack.anchor_claim_ids),
    }


def estimate_tokens(content: Any) -> int:
    """About how many tokens the content takes, at four characters each."""
    return len(json.dumps(content, ensure_ascii=False, default=str)) // _CHARACTERS_PER_TOKEN + 1


def _cut(content: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    kept: dict[str, Any] = {}
    for name, value in content.items():
        if estimate_tokens({**kept, name: value}) > MOST_TOKENS:
            return kept, True
        kept[name] = value
    return kept, False


def _without_details(value: Any) -> Any:
    """The content without addresses and numbers of people, which live in contacts."""
    if isinstance(value, str):
        return without_details(value)
    if isinstance(value, Mapping):
        return {name: _without_details(each) for name, each in value.items()}
    return [_without_details(each) for each in value] if isinstance(value, list) else value
