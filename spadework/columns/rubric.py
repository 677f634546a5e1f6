"""Rubric column: a score from 0 to 100 by weighted rules, with a tier and one sentence per rule."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from spadework.plug.column import Cell, ColumnKind, Row, Settings, Storage, Value
from spadework.plug.parsing.amounts import parse_band, parse_count, parse_money, parse_number
from spadework.plug.parsing.industries import has_phrase
from spadework.plug.references import as_text, is_field_id, single_reference

Operator = Literal["in_range", "at_least", "at_most", "contains_word", "equals", "is_filled"]
_NUMERIC = frozenset({"in_range", "at_least", "at_most"})
_DEFAULT_TIERS = (("tier_1", 80.0), ("tier_2", 60.0), ("tier_3", 40.0), ("tier_4", 0.0))


class Rule(BaseModel):
    """One rule about one column. Rules with the same `label` are grades of one criterion: the best that holds counts.

    `values` are the two ends of `in_range` (either may be null), the one bound of `at_least` and `at_most`,
    the words of `contains_word` and `equals`, and nothing for `is_filled`. With `disqualifies` a rule that
    holds ends the matter, whatever the score.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field(min_length=1, max_length=120)
    field: str
    op: Operator
    values: tuple[float | str | None, ...] = ()
    weight: float = Field(default=10, ge=0, le=1000)
    reason: str = Field(default="", max_length=300)
    disqualifies: bool = False

    @property
    def field_id(self) -> str:
        """The column's id, whether it was given as `f_…` or as `{{f_…}}`."""
        return single_reference(self.field) or self.field

    @model_validator(mode="after")
    def _makes_sense(self) -> "Rule":
        if self.op in _NUMERIC:
            wanted = 2 if self.op == "in_range" else 1
            bounds = [each for each in self.values if isinstance(each, int | float)]
            if len(self.values) != wanted or not bounds or any(isinstance(each, str) for each in self.values):
                ends = "a lower and an upper end" if wanted == 2 else "one number"
                raise ValueError(f"{self.label}: {self.op} needs {ends}.")
            if len(bounds) == 2 and bounds[0] > bounds[1]:
                raise ValueError(f"{self.label}: the lower end {bounds[0]:g} is above the upper end {bounds[1]:g}.")
        elif self.op != "is_filled" and not [each for each in self.values if as_text(each).strip()]:
            raise ValueError(f"{self.label}: {self.op} needs at least one word.")
        return self


class Tier(BaseModel):
    """A tier and the lowest score in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    at_least: float = Field(ge=0, le=100)


class RubricSettings(Settings):
    """Rules and tiers. Above `most_unknown_share` of the weight unknown, the tier is `unknown`, not a guess."""

    rules: tuple[Rule, ...] = Field(min_length=1, max_length=100)
    tiers: tuple[Tier, ...] = Field(
        default=tuple(Tier(name=name, at_least=bound) for name, bound in _DEFAULT_TIERS), max_length=20
    )
    most_unknown_share: float = Field(default=0.5, ge=0, le=1)

    @model_validator(mode="after")
    def _can_score(self) -> "RubricSettings":
        if not any(rule.weight > 0 and not rule.disqualifies for rule in self.rules):
            raise ValueError("No rule has a weight, so every score would be the same. Give at least one rule a weight.")
        return self


class RubricColumn(ColumnKind):
    """The score is what was earned of the weight that is known; what is not known is said, and counts neither way."""

    key = "rubric"
    label = "ICP score"
    summary = "Score rows by weighted rules, with a reason for every point"
    is_computed = True
    is_batch = True
    settings = RubricSettings

    def storage(self, settings: RubricSettings) -> Storage:
        return "number"

    def references(self, settings: RubricSettings) -> set[str]:
        return {rule.field_id for rule in settings.rules if is_field_id(rule.field_id)}

    def outputs(self, settings: RubricSettings) -> Mapping[str, Storage]:
        return {"tier": "text", "reasons": "json", "unknown_share": "number"}

    def values(self, rows: Sequence[Row], settings: RubricSettings) -> Sequence[Cell]:
        return [_score(row, settings) for row in rows]


def _score(row: Row, settings: RubricSettings) -> Cell:
    criteria: dict[str, list[Rule]] = {}
    for rule in settings.rules:
        if not rule.disqualifies:
            criteria.setdefault(rule.label, []).append(rule)
    stops = [rule for rule in settings.rules if rule.disqualifies and _holds(rule, row.values.get(rule.field_id))]
    reasons = [f"Disqualified: {_because(rule, row)}." for rule in stops]
    earned = known = total = 0.0
    for label, rules in criteria.items():
        weight = max(rule.weight for rule in rules)
        points, reason = _criterion(label, rules, weight, row)
        total += weight
        reasons.append(reason)
        if points is not None:
            known += weight
            earned += points
    unknown_share = round(1 - known / total, 3)
    if not known and not stops:
        note = f"Not scored: none of {', '.join(criteria)} is known."
        return Cell(state="missing_input", note=note, outputs=_outputs("unknown", reasons, unknown_share))
    score = 0.0 if stops else round(100 * earned / known, 1)
    tier: str | None
    if stops:
        tier = "disqualified"
    elif unknown_share > settings.most_unknown_share:
        tier = "unknown"
    else:
        tier = _tier(score, settings.tiers)
    value = int(score) if score == int(score) else score
    return Cell(value=value, outputs=_outputs(tier, reasons, unknown_share))


def _outputs(tier: str | None, reasons: Sequence[str], unknown_share: float) -> dict[str, Value]:
    return {"tier": tier, "reasons": list(reasons), "unknown_share": unknown_share}


def _criterion(label: str, rules: Sequence[Rule], weight: float, row: Row) -> tuple[float | None, str]:
    """Points for one criterion and the sentence about them; None when nothing is known."""
    seen = [(rule, _holds(rule, row.values.get(rule.field_id))) for rule in rules]
    holding = [rule for rule, holds in seen if holds]
    if holding:
        best = max(holding, key=lambda rule: rule.weight)
        return best.weight, f"{best.weight:g} of {weight:g}: {_because(best, row)}."
    if any(holds is None for _, holds in seen):
        return None, f"Unknown, not counted: {label}."
    value = row.values.get(rules[0].field_id)
    return 0.0, f"0 of {weight:g}: {label} is {_short(value)}."


def _because(rule: Rule, row: Row) -> str:
    said = rule.reason.strip().rstrip(".") or rule.label
    return f"{said} ({_short(row.values.get(rule.field_id))})"


def _holds(rule: Rule, value: Value) -> bool | None:
    """Whether a rule holds for a value; None when the value does not tell."""
    is_blank = value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())
    if rule.op == "is_filled":
        return not is_blank
    if is_blank:
        return None
    if rule.op in _NUMERIC:
        return _in_bounds(rule, value)
    texts = [as_text(each) for each in value] if isinstance(value, list) else [as_text(value)]
    words = [as_text(each) for each in rule.values if as_text(each).strip()]
    if rule.op == "equals":
        return any(text.strip().casefold() == word.strip().casefold() for text in texts for word in words)
    return any(has_phrase(text, word) for text in texts for word in words)


def _in_bounds(rule: Rule, value: Value) -> bool | None:
    span = _span(value)
    if span is None:
        return None
    low, high = (rule.values[0], rule.values[-1]) if rule.op == "in_range" else (None, None)
    if rule.op == "at_least":
        low = rule.values[0]
    elif rule.op == "at_most":
        high = rule.values[0]
    # A band such as "51-200" tells only when all of it lies on one side.
    floor = float(low) if low is not None else float("-inf")
    ceiling = float(high) if high is not None else float("inf")
    upper = span.high if span.high is not None else float("inf")
    if floor <= span.low and upper <= ceiling:
        return True
    return False if upper < floor or span.low > ceiling else None


def _span(value: Value) -> "_Span | None":
    """The number, or the range of numbers, that a value states."""
    if value is None or isinstance(value, bool | dict | list):
        return None
    plain = parse_number(value)
    if plain is not None:
        return _Span(plain, plain)
    text = as_text(value)
    if re.search(r"\d\s*(?:-|–|—|to)\s*\d|\+|<|>|\b(?:over|under|more|less)\b", text) and (band := parse_band(text)):
        return _Span(band.low, band.high)
    if re.search(r"[$€£¥]|\b(?:million|billion|trillion)\b", text, re.IGNORECASE) and (money := parse_money(text)):
        return _Span(money.amount, money.amount)
    count = parse_count(text)
    return _Span(count.value, count.at_most or count.value) if count else None


@dataclass(frozen=True, slots=True)
class _Span:
    """A range of numbers, ends included; `high` None means no upper end."""

    low: float
    high: float | None


def _tier(score: float, tiers: Sequence[Tier]) -> str | None:
    reached = [tier for tier in tiers if score >= tier.at_least]
    return max(reached, key=lambda tier: tier.at_least).name if reached else None


def _short(value: Value) -> str:
    """A value for a sentence: thousands separated from 10,000 on, lists in words, long texts cut."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Four digits may be a year, and read as well without a separator when they are none.
        group = "," if abs(value) >= 10_000 else ""
        return f"{value:{group}.0f}" if float(value).is_integer() else f"{value:{group}}"
    text = ", ".join(as_text(each) for each in value) if isinstance(value, list) else as_text(value)
    text = " ".join(text.split()) or "blank"
    return text if len(text) <= 80 else f"{text[:79]}…"
