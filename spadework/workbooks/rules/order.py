"""Which columns a column reads, in what order columns are computed, and refusing rings; pure."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from spadework.core.errors import CyclicReference
from spadework.plug import catalog
from spadework.plug.column import ColumnKind
from spadework.workbooks.rules import conditions
from spadework.workbooks.types import Field, Table


def reads(field: Field) -> set[str]:
    """Refs of the columns this one depends on: what its kind reads, its condition, and the column it is an output of."""
    kind = catalog.get(ColumnKind, "column", field.kind)()
    found: set[str] = set()
    if kind.is_computed:
        found |= set(kind.references(kind.settings.model_validate(field.settings)))
    if field.condition:
        found |= conditions.references(field.condition)
    if field.output_of is not None:
        found.add(f"f_{field.output_of.hex}")
    return found


def in_order(table: Table, wanted: Iterable[Field]) -> list[Field]:
    """The columns, each after every wanted one it depends on, otherwise as they stand in the table.

    Raises:
        CyclicReference: they depend on each other in a ring; the message names it.
    """
    by_ref = {each.ref: each for each in table.fields}
    chosen = {each.ref for each in wanted}
    depends = {each.ref: reads(each) & set(by_ref) for each in table.fields}
    require_no_ring(depends, {ref: each.name for ref, each in by_ref.items()})
    ordered: list[Field] = []
    seen: set[str] = set()

    def visit(ref: str) -> None:
        if ref in seen:
            return
        seen.add(ref)
        for other in sorted(depends[ref], key=lambda each: by_ref[each].position):
            visit(other)
        if ref in chosen:
            ordered.append(by_ref[ref])

    for each in table.fields:
        if each.ref in chosen:
            visit(each.ref)
    return ordered


def dependants(table: Table, field_ids: Sequence[UUID]) -> list[Field]:
    """Every computed column that depends on these, directly or through others, in the order to compute them."""
    depends = {each.ref: reads(each) for each in table.fields}
    reached = {each.ref for each in table.fields if each.id in field_ids}
    # An output changes when its column does.
    grew = True
    while grew:
        more = {ref for ref, others in depends.items() if others & reached} - reached
        grew = bool(more)
        reached |= more
    return [
        each for each in in_order(table, table.fields)
        if each.ref in reached and each.id not in field_ids and each.output_of is None and is_computed(each)
    ]  # fmt: skip


def is_computed(field: Field) -> bool:
    """Whether the column is filled by runs rather than by people."""
    return catalog.get(ColumnKind, "column", field.kind).is_computed


def require_no_ring(depends: Mapping[str, set[str]], names: Mapping[str, str]) -> None:
    """Refuse columns that depend on each other in a ring.

    Raises:
        CyclicReference: names every column of the ring, in order.
    """
    done: set[str] = set()

    def visit(ref: str, path: list[str]) -> None:
        if ref in path:
            ring = [*path[path.index(ref) :], ref]
            raise CyclicReference(
                "These columns depend on each other in a ring: "
                + " → ".join(names.get(each, each) for each in ring)
                + ". Take one of the references out."
            )
        if ref in done:
            return
        for other in depends.get(ref, ()):
            visit(other, [*path, ref])
        done.add(ref)

    for ref in depends:
        visit(ref, [])
