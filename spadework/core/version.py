"""Which version of Spadework is running."""

from importlib import metadata

UNKNOWN = "0+unknown"
"""What a copy says that runs from its folder and was never installed."""


def installed(distribution: str = "spadework") -> str:
    """The version that was installed, `UNKNOWN` when there is none to ask; never a reason not to start."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return UNKNOWN
