"""Pictures: format, size in pixels and a few camera fields, masked; never the place, never what the picture shows."""

import logging
from pathlib import Path
from typing import Any

import exifread
import imagesize

from spadework.extracts import archives, notes
from spadework.extracts.errors import TooLarge
from spadework.extracts.extractor import Extractor, Request
from spadework.extracts.masking import mask
from spadework.extracts.types import EXIF_NAMES, FileExtract

MAX_BYTES = 200 * 1024 * 1024
_MAX_EXIF_CHARACTERS = 200
_WITH_EXIF = ("jpeg", "tiff", "webp", "heic", "png")
_GROUPS = ("Image", "EXIF")

# The reader warns on its logger about every file without camera fields, which is most of them.
logging.getLogger("exifread").setLevel(logging.CRITICAL)


class ImageExtractor(Extractor):
    """PNG, JPEG, GIF, WebP, TIFF, BMP, AVIF and HEIC. Text in a picture is not read: no library that runs
    in the browser's Python does it well.
    """

    key = "images"
    label = "Picture"
    suffixes = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".avif", ".heic")
    mime_types = (
        "image/png", "image/jpeg", "image/gif", "image/webp", "image/tiff", "image/bmp", "image/avif", "image/heic",
    )  # fmt: skip

    def extract(self, path: Path, request: Request) -> list[FileExtract]:
        """One extract of kind image."""
        if path.stat().st_size > MAX_BYTES:
            raise TooLarge(f"The picture is larger than {MAX_BYTES // 2**20} MiB. Save it smaller.")
        with path.open("rb") as file:
            found = _format(file.read(64))
        width, height = imagesize.get(str(path), exif_rotation=False) if found else (-1, -1)
        if not found or width <= 0 or height <= 0:
            raise archives.damaged()
        exif, has_place = _exif(path) if found in _WITH_EXIF else ({}, False)
        said = [notes.NO_OCR, *([notes.PLACES_LEFT_OUT] if has_place else [])]
        return [
            FileExtract(
                filename=request.filename, kind="image", format=found, width=width, height=height, exif=exif,
                notes=tuple(said),
            )
        ]  # fmt: skip


def _format(head: bytes) -> str:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "tiff"
    if head.startswith(b"BM"):
        return "bmp"
    if head[4:8] == b"ftyp":
        return "avif" if head[8:12] in {b"avif", b"avis"} else "heic"
    return ""


def _exif(path: Path) -> tuple[dict[str, str], bool]:
    """The camera fields on our list, masked, and whether the picture says where it was taken."""
    try:
        with path.open("rb") as file:
            tags: dict[str, Any] = exifread.process_file(file, details=False, extract_thumbnail=False)
    except Exception:  # noqa: BLE001,RUF100 - the fields are an extra, and their reader breaks on odd files in many ways
        return {}, False
    found: dict[str, str] = {}
    for tag, value in tags.items():
        group, _, name = tag.partition(" ")
        if group in _GROUPS and name in EXIF_NAMES:
            found[name] = mask(str(value)[:_MAX_EXIF_CHARACTERS])
    return found, any(each.startswith("GPS") for each in tags)
