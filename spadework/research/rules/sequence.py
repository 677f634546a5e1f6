"""In which order the steps of a dossier are taken, and which depend on which; pure."""

from collections.abc import Iterable, Mapping, Sequence

from spadework.core.errors import InvalidInput, Misconfigured, UnknownReference
from spadework.plug.step import STAGES, Step


def in_order(steps: Iterable[Step]) -> list[Step]:
    """The steps, each after those it waits for; of those that wait for the same, in the order of their ids.

    Raises:
        Misconfigured: a step waits for one that is not there, for itself in a ring, or for a later stage.
    """
    left = {each.key: each for each in sorted(steps, key=_place)}
    known = dict(left)
    done: list[Step] = []
    for each in left.values():
        _check(each, known)
    while left:
        ready = [each for each in left.values() if not set(each.after) & set(left)]
        if not ready:
            raise Misconfigured(f"The steps {', '.join(left)} wait for each other in a ring. Correct their `after`.")
        # One at a time, so that a step of an early stage never stands behind one of a late stage.
        done.append(ready[0])
        del left[ready[0].key]
    return done


def groups(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps in the waves they can run in, side by side within one."""
    depth: dict[str, int] = {}
    for each in steps:
        depth[each.key] = 1 + max((depth[before] for before in each.after), default=-1)
    return [[each for each in steps if depth[each.key] == wave] for wave in range(max(depth.values(), default=-1) + 1)]


def before(steps: Sequence[Step], key: str) -> list[Step]:
    """Every step whose result the given one may read, in order; those beside it are not among them."""
    by_key = {each.key: each for each in steps}
    wanted = set(by_key[key].after)
    for each in reversed(steps):
        if each.key in wanted:
            wanted |= set(each.after)
    return [each for each in steps if each.key in wanted]


def dependants(steps: Sequence[Step], keys: Iterable[str]) -> list[str]:
    """The steps of those keys and all that wait for them, however far down, in order."""
    wanted = set(keys)
    for each in steps:
        if wanted & set(each.after):
            wanted.add(each.key)
    return [each.key for each in steps if each.key in wanted]


def find(steps: Sequence[Step], name: str) -> Step:
    """The step of that key or id, or the one a step run's key (`6.2-enrich-contact:3`) or question belongs to.

    Raises:
        UnknownReference: there is none; the message lists those there are.
    """
    bare = name.partition(":")[0]
    for each in steps:
        if bare in (each.key, each.id, *(ask.id for ask in each.asks)):
            return each
    raise UnknownReference(f"There is no step {name[:60]!r}. There are: {', '.join(each.id for each in steps)}.")


def using(steps: Sequence[Step], prompt: str, aids: Mapping[str, Sequence[str]]) -> list[str]:
    """Keys of the steps that ask with that prompt; `aids` says which steps use a prompt all share.

    Raises:
        InvalidInput: no step uses it, so there is nothing to run again.
    """
    own = [each.key for each in steps if any(ask.prompt == prompt for ask in each.asks)]
    found = own + [each.key for each in steps if each.key in aids.get(prompt, ()) and each.key not in own]
    if not found:
        raise InvalidInput(f"No step of the pipeline uses the prompt {prompt[:80]!r}. Choose one that does.")
    return found


def _check(step: Step, known: Mapping[str, Step]) -> None:
    for name in step.after:
        if name not in known:
            raise Misconfigured(f"The step {step.key} waits for {name}, which is not there.")
        if STAGES.index(known[name].stage) > STAGES.index(step.stage):
            raise Misconfigured(f"The step {step.key} waits for {name}, which belongs to a later stage.")


def _place(step: Step) -> tuple[int, str]:
    return STAGES.index(step.stage), step.id
