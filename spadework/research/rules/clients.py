"""What a client's configurations must hold, and what may be in the lists of those to leave alone; pure.

Source of the parts: domain facts 2.9. What is not named here is kept: configurations are people's own.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from spadework.core.errors import InvalidInput
from spadework.plug import reading
from spadework.research.rules.scoring import MOST_POINTS, SIGNAL_BANDS
from spadework.research.types.clients import CONFIG_KINDS, ConfigKind

MAX_LIST = 10_000
SIMULATED = "is_simulated"
"""The field that marks a configuration which a recording has answered; whoever edits it takes the mark out."""
_MAX_CHARACTERS = 200_000
_MODES = ("discovery", "seed")
_LISTS: Mapping[ConfigKind, tuple[str, ...]] = {
    "icp_config": ("signals", "disqualifiers", "target_titles", "excluded_titles"),
    "industry_research": ("buying_signals", "personas", "industries", "timing_constraints", "sources_to_check"),
    "research_context": ("differentiators", "notable_projects", "team", "competitors", "goals"),
    "seed": (),
    "batch_strategy": (),
}
_OBJECTS: Mapping[ConfigKind, tuple[str, ...]] = {
    "icp_config": ("scoring_weights",),
    "industry_research": (),
    "research_context": ("client", "brand_voice"),
    "seed": (),
    "batch_strategy": (),
}


def require_kind(kind: str) -> ConfigKind:
    """The kind of that name; InvalidInput lists those there are."""
    found = next((each for each in CONFIG_KINDS if each == kind), None)
    if found is None:
        raise InvalidInput(f"There is no configuration {kind[:60]!r}. There are: {', '.join(CONFIG_KINDS)}.")
    return found


def require_config(kind: ConfigKind, value: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration, when its known parts have the form the pipeline reads.

    Raises:
        InvalidInput: names the part and what it must be.
    """
    config = reading.mapping(reading.clean(dict(value)))
    if len(str(config)) > _MAX_CHARACTERS:
        raise InvalidInput(f"The {kind} is longer than {_MAX_CHARACTERS} characters. Shorten it.")
    for name in _LISTS[kind]:
        if name in config and not isinstance(config[name], list):
            raise InvalidInput(f"{kind}.{name} must be a list.")
    for name in _OBJECTS[kind]:
        if name in config and not isinstance(config[name], dict):
            raise InvalidInput(f"{kind}.{name} must be an object.")
    if kind == "icp_config":
        _require_icp(config)
    if kind == "seed":
        mode = config.get("mode", "discovery")
        if mode not in _MODES:
            raise InvalidInput(f"seed.mode must be one of: {', '.join(_MODES)}.")
        if mode == "seed" and reading.is_blank(config.get("seed")):
            raise InvalidInput("seed.seed must say which company to begin with when seed.mode is seed.")
    return config


def require_names(names: Iterable[str], what: str) -> list[str]:
    """Companies or domains, tidied, each once; InvalidInput when one is no name or there are too many."""
    tidy = [" ".join(each.split()) for each in names]
    if any(not 1 <= len(each) <= 200 for each in tidy):
        raise InvalidInput(f"Each entry of {what} has 1 to 200 characters.")
    kept = list({each.casefold(): each for each in tidy}.values())
    if len(kept) > MAX_LIST:
        raise InvalidInput(f"{what} holds at most {MAX_LIST} entries.")
    return kept


def is_excluded(names: Iterable[str], *, company: str | None, domain: str | None) -> bool:
    """Whether a company is among those to leave alone: by its domain or one above it, or by its whole name."""
    hosts = _host(domain)
    words = _words(company)
    for each in names:
        listed = _host(each)
        if listed and hosts and (hosts == listed or hosts.endswith(f".{listed}")):
            return True
        if words and _words(each) == words:
            return True
    return False


def _require_icp(config: Mapping[str, Any]) -> None:
    for place, signal in enumerate(reading.mappings(config.get("signals")), 1):
        tier = signal.get("tier")
        if tier is not None and tier not in SIGNAL_BANDS:
            raise InvalidInput(f"Signal {place} has the tier {tier!r}. Tiers are: {', '.join(SIGNAL_BANDS)}.")
        weight = signal.get("weight")
        if weight is not None and (reading.amount(weight) is None or float(weight) > 25):
            raise InvalidInput(f"Signal {place} must have a weight from 0 to 25.")
    for name, weight in reading.mapping(config.get("scoring_weights")).items():
        if name in MOST_POINTS and reading.amount(weight) is None:
            raise InvalidInput(f"icp_config.scoring_weights.{name} must be a number of 0 or more.")


def _host(text: str | None) -> str:
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", (text or "").strip().lower()).split("/")[0].removeprefix("www.")
    return bare if "." in bare and " " not in bare else ""


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", (text or "").casefold()))
