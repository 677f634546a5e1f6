"""Recorded request/reply pairs of vendors, read from a folder, as the adapters see them."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug import catalog
from spadework.plug.provider import HttpProvider, Provider

OWN_FOLDER = Path(__file__).parents[1] / "samples" / "vendors"
FOLDER = Path(os.environ.get("SPADEWORK_VENDOR_SAMPLES") or OWN_FOLDER)
VENDORS: dict[str, type[HttpProvider]] = {
    key: each
    for key, each in catalog.load(Provider, "provider").items()  # type: ignore[type-abstract]
    if issubclass(each, HttpProvider)
}


@dataclass(frozen=True)
class Sample:
    """One file: what was asked, what came back (or, inbound, what was posted to us), and what it means."""

    vendor: str
    name: str
    category: str
    is_inbound: bool
    request: HttpRequest
    response: HttpResponse


def samples_of(vendor: str, folder: Path = FOLDER) -> list[Sample]:
    """Every sample of a vendor, by file name."""
    return [_read(vendor, each) for each in sorted((folder / vendor).glob("*.json"))]


def leaves(value: Any) -> list[str]:
    """Every scalar of a JSON value as text, at any depth."""
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [] if value is None else [str(value)]


def _read(vendor: str, path: Path) -> Sample:
    raw = json.loads(path.read_text(encoding="utf-8"))
    asked, answered = raw["request"], raw.get("response") or {}
    body, text = answered.get("json"), answered.get("text")
    return Sample(
        vendor=vendor,
        name=f"{vendor}/{path.stem}",
        category=raw["category"],
        is_inbound=raw.get("direction") == "inbound",
        request=HttpRequest(
            method=asked["method"],
            url=asked["url"],
            headers=asked.get("headers") or {},
            json_body=asked.get("json"),
        ),
        response=HttpResponse(
            status=answered.get("status", 200),
            headers={key.lower(): value for key, value in (answered.get("headers") or {}).items()},
            body=(text or "").encode() if body is None else json.dumps(body).encode(),
        ),
    )
