"""Where each variable of a prompt comes from, in the order of domain facts 2.2; pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

Origin = Literal["override", "step", "context_pack", "client_config", "seed", "computed"]
PREVIEW_CHARACTERS = 500
_PLAIN = json.JSONEncoder(ensure_ascii=False, default=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """What a completed step gave: its answer as variables may read it. `parts` name its answers one by one."""

    key: str
    step_id: str
    step_run_id: UUID | None
    output: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A context pack and the step run that made it."""

    consumer: str
    content: Mapping[str, Any]
    step_id: str
    step_run_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything a variable may come from; `outputs` and `packs` newest first."""

    overrides: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    outputs: Sequence[Produced] = ()
    packs: Sequence[Packed] = ()
    client: Mapping[str, Any] = field(default_factory=dict)
    seed: Mapping[str, Any] = field(default_factory=dict)
    computed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable's value and where it came from; `path` is its place there."""

    value: Any
    origin: Origin
    step: str | None = None
    step_run_id: UUID | None = None
    path: str = ""

    def lineage(self) -> dict[str, Any]:
        """What the step run keeps of its origin, with a preview."""
        return {
            "source": self.origin, "step": self.step, "path": self.path, "preview": preview(self.value),
            "step_run_id": str(self.step_run_id) if self.step_run_id else None,
        }  # fmt: skip


def resolve(names: Iterable[str], known: Known) -> dict[str, Variable]:
    """The variables of those names that are known; one that is nowhere is left out, and the prompt says so.

    Order: overrides, what only this question is given, outputs of completed steps (newest first),
    context packs, client configuration, seed, computed.
    """
    found = ((name, find(name, known)) for name in names)
    return {name: variable for name, variable in found if variable is not None}


def find(name: str, known: Known) -> Variable | None:
    """One variable, None when nothing of that name is known."""
    if name in known.overrides:
        return Variable(value=known.overrides[name], origin="override", path=name)
    if name in known.given:
        return Variable(value=known.given[name], origin="computed", path=name)
    return (
        _from_steps(name, known.outputs)
        or _from_packs(name, known.packs)
        or _from_client(name, known.client)
        or _from_seed(name, known.seed)
        or (Variable(value=known.computed[name], origin="computed", path=name) if name in known.computed else None)
    )


def preview(value: Any) -> str:
    """The beginning of a value as text."""
    if isinstance(value, str):
        return value[:PREVIEW_CHARACTERS]
    text = ""
    for part in _PLAIN.iterencode(value):
        text += part
        if len(text) >= PREVIEW_CHARACTERS:
            break
    return text[:PREVIEW_CHARACTERS]


def _from_steps(name: str, outputs: Sequence[Produced]) -> Variable | None:
    for each in outputs:
        if name in (each.key, f"{each.key}_output"):
            return _of_step(each, dict(each.output), "")
        if name in each.output:
            return _of_step(each, each.output[name], name)
    return None


def _of_step(produced: Produced, value: Any, path: str) -> Variable:
    return Variable(
        value=value, origin="step", step=produced.step_id, step_run_id=produced.step_run_id, path=path
    )  # fmt: skip


def _from_packs(name: str, packs: Sequence[Packed]) -> Variable | None:
    for each in packs:
        if name in ("context_pack", each.consumer, f"context_pack_{each.consumer}"):
            return Variable(
                value=dict(each.content), origin="context_pack", step=each.step_id, step_run_id=each.step_run_id,
                path=each.consumer,
            )  # fmt: skip
    return None


def _from_client(name: str, client: Mapping[str, Any]) -> Variable | None:
    if name in client:
        return Variable(value=client[name], origin="client_config", path=name)
    for config, content in client.items():
        if isinstance(content, Mapping) and name in content:
            return Variable(value=content[name], origin="client_config", path=f"{config}.{name}")
    return None


def _from_seed(name: str, seed: Mapping[str, Any]) -> Variable | None:
    if name == "seed":
        return Variable(value=dict(seed), origin="seed")
    return Variable(value=seed[name], origin="seed", path=name) if name in seed else None
