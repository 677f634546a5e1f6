"""The shape of an extractor: one class for each kind of file, which gives masked extracts of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from spadework.extracts.types import FileExtract


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be read, and how; None means that the extractor is to find out itself.

    `seed` chooses the sample rows. `on_progress` is told the share read so far, from 0 to 1.
    """

    filename: str
    mime: str
    seed: int
    header: Literal["auto", "first_row", "none"] = "auto"
    encoding: str | None = None
    delimiter: str | None = None
    on_progress: Callable[[float], None] | None = None

    def tell(self, share: float) -> None:
        """Say how far the reading has come, if anybody wants to know."""
        if self.on_progress:
            self.on_progress(share)


class Extractor(ABC):
    """Reads one kind of file. A subclass names what it supports and has one method, `extract`.

    Whatever it returns is masked with `masking.mask`; the names of files, sheets and columns stay. It reads
    hostile files: everything it takes from one has a limit. It raises the errors of `errors.py`.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    mime_types: ClassVar[tuple[str, ...]]

    def supports(self, mime: str) -> bool:
        """Whether files of this MIME type are read here."""
        return mime.partition(";")[0].strip().lower() in self.mime_types

    def supports_name(self, filename: str) -> bool:
        """Whether the name's ending is one of ours."""
        return filename.lower().endswith(self.suffixes)

    @abstractmethod
    def extract(self, path: Path, request: Request) -> list[FileExtract]:
        """The masked extracts of the file; several when it holds several sheets."""
