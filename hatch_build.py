"""The package build's hook: puts the built web interface into the package; ui_build.py does the work."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface  # type: ignore[import-not-found, unused-ignore]  # only in the build

sys.path.insert(0, str(Path(__file__).resolve().parent))  # the builder loads this file by its path

import ui_build  # it stands after the line that makes it importable


class UiBuildHook(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]  # the same
    """Builds the interface for a wheel, an sdist and an editable install alike, if it is stale."""

    def dependencies(self) -> list[str]:
        """Node and pip as packages, only when they are needed and, for node, the machine has none."""
        if not ui_build.is_stale():
            return []
        node = [] if ui_build.find_node() else [ui_build.NODE_WHEEL]
        return node if ui_build.has_wheels() else [*node, ui_build.PIP]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before files are collected."""
        ui_build.build()
