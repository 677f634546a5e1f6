"""A dossier's states and when a ready one may be read; pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from spadework.core.errors import Conflict
from spadework.research.types.dossiers import Dossier, DossierState

NEXT: Mapping[DossierState, tuple[DossierState, ...]] = {
    "skeleton": ("enriching", "archived"),
    "enriching": ("ready", "archived"),
    "ready": ("archived", "superseded"),
    "superseded": ("archived",),
    "archived": (),
}


def require_next(now: DossierState, wanted: DossierState) -> None:
    """Raise Conflict when a dossier cannot go from one state to the other; staying in a state is always allowed."""
    if wanted == now or wanted in NEXT[now]:
        return
    may = ", ".join(NEXT[now]) or "nothing else"
    raise Conflict(f"The dossier is {now} and cannot become {wanted}. From here it can become: {may}.")


def release_moment(ready_at: datetime, after_hours: float) -> datetime:
    """When a dossier that became ready then may be read."""
    return ready_at + timedelta(hours=after_hours)


def is_released(dossier: Dossier, *, at: datetime) -> bool:
    """Whether the dossier may be read by those it is made for."""
    return dossier.release_at is not None and dossier.release_at <= at


def require_ready(dossier: Dossier) -> None:
    """Raise Conflict for a dossier in any other state than ready."""
    if dossier.state != "ready":
        raise Conflict(f"The dossier is {dossier.state}. Only a ready one can be released.")


def require_released(dossier: Dossier, *, at: datetime) -> None:
    """Raise Conflict when the dossier is held back or not ready."""
    if is_released(dossier, at=at):
        return
    if dossier.release_at is None:
        raise Conflict(f"The dossier is {dossier.state}. It can be read and exported once it is ready.")
    raise Conflict(f"The dossier is held back until {dossier.release_at:%Y-%m-%d %H:%M} UTC. Wait, or release it now.")
