"""What a run in the local sandbox is given and allowed; nothing here starts one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1024 * 1024


class SandboxUnavailable(Exception):
    """A script cannot be kept in here, so none is run; the message says what is missing and how to get it."""


class NotOffered(Exception):
    """A script asks for a package that the sandbox does not offer; the message names it and how to get it."""


@dataclass(frozen=True)
class Limits:
    """What one run may use, all its processes together."""

    seconds: float = 60
    cpu_seconds: float = 30
    memory_bytes: int = 512 * MIB
    tasks: int = 32
    output_bytes: int = 10_000_000
    scratch_bytes: int = 64 * MIB
    files: int = 10_000


@dataclass(frozen=True)
class Masking:
    """The code that masks a failure inside: the folder of its package, the module's dotted name, the function's name."""

    folder: Path
    module: str
    function: str


@dataclass(frozen=True)
class Job:
    """One script and what it is run over.

    `files` are the real files of each field, `values` the texts of the text fields, `renames` for each field
    {name the script knows: name in the file}, `dependencies` the packages the script says it needs.
    """

    script: str
    files: Mapping[str, tuple[Path, ...]]
    values: Mapping[str, str] = field(default_factory=dict)
    renames: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    output_filename: str | None = None
    dependencies: tuple[str, ...] = ()
