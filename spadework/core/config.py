"""Settings: read once from the environment at start-up; nothing else reads it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from spadework.core.errors import Misconfigured

_PROVIDER_BASE_URL = re.compile(r"^SPADEWORK_PROVIDER_([A-Z0-9_]+)_BASE_URL$")


@dataclass(frozen=True)
class Settings:
    """One process's settings; each field's metadata holds its environment name and what it does."""

    home: Path = field(
        metadata={"env": "SPADEWORK_HOME", "help": "Folder for the embedded database, keys and journals."}
    )
    database_url: str | None = field(
        metadata={
            "env": "DATABASE_URL",
            "help": "Another Postgres (16 or newer) instead of the embedded one; a role that may create roles and schemas. SPADEWORK_DB_URL is read too.",
        }
    )
    app_database_url: str | None = field(
        metadata={
            "env": "SPADEWORK_APP_DATABASE_URL",
            "help": "The restricted role's own URL, when the other role may not create it.",
        }
    )
    secret_key: str | None = field(
        metadata={
            "env": "SPADEWORK_SECRET_KEY",
            "help": "Key that encrypts stored credentials; by default a 0600 file in the home folder.",
        }
    )
    host: str = field(metadata={"env": "SPADEWORK_HOST", "help": "Address the web server listens on."})
    port: int = field(metadata={"env": "SPADEWORK_PORT", "help": "Port the web server listens on."})
    public_url: str | None = field(
        metadata={
            "env": "SPADEWORK_PUBLIC_URL",
            "help": "Address people reach the product at, when a proxy stands in front.",
        }
    )
    worker_id: str | None = field(
        metadata={
            "env": "SPADEWORK_WORKER_ID",
            "help": "Name of this worker; by default host, process and a random part.",
        }
    )
    simulator_url: str | None = field(
        metadata={
            "env": "SPADEWORK_SIMULATOR_URL",
            "help": "Where the vendor simulator listens; by default `spadework up` starts one.",
        }
    )
    provider_base_urls: Mapping[str, str] = field(
        metadata={
            "env": "SPADEWORK_PROVIDER_<NAME>_BASE_URL",
            "help": "Another address for one vendor, such as a test double.",
        }
    )
    llm_base_url: str | None = field(
        metadata={
            "env": "SPADEWORK_LLM_BASE_URL",
            "help": "Another address for every language model, such as a test double.",
        }
    )
    plugins: Path | None = field(
        metadata={
            "env": "SPADEWORK_PLUGINS",
            "help": "Folder with plug-ins of your own, in providers/, columns/ and llms/ inside it.",
        }
    )
    bubblewrap: str = field(
        metadata={
            "env": "SPADEWORK_BWRAP",
            "help": "The program bubblewrap, which keeps scripts in on this machine; by default `bwrap`, as found.",
        }
    )
    log_level: str = field(metadata={"env": "SPADEWORK_LOG_LEVEL", "help": "DEBUG, INFO, WARNING or ERROR."})
    allow_private_egress: bool = field(
        metadata={
            "env": "SPADEWORK_ALLOW_PRIVATE_EGRESS",
            "help": "1 lets requests whose address a user or a model chose reach private networks; off by default.",
        }
    )
    is_test: bool = field(
        metadata={
            "env": "SPADEWORK_TEST",
            "help": "1 marks API keys made here as test keys; refused unless the listen address is loopback.",
        }
    )

    @property
    def journal_dir(self) -> Path:
        """Folder of the call journals, one file per worker process."""
        return self.home / "journal"


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises:
        Misconfigured: a value cannot be used; the message names the variable.
    """
    env = os.environ if environment is None else environment
    home = Path(env.get("SPADEWORK_HOME") or env.get("SPADEWORK_DATA_DIR") or Path.home() / ".spadework")
    return Settings(
        home=home.expanduser().absolute(),
        database_url=env.get("DATABASE_URL") or env.get("SPADEWORK_DB_URL") or None,
        app_database_url=env.get("SPADEWORK_APP_DATABASE_URL") or None,
        secret_key=env.get("SPADEWORK_SECRET_KEY") or None,
        host=env.get("SPADEWORK_HOST", "127.0.0.1"),
        port=_port(env.get("SPADEWORK_PORT", "8300")),
        public_url=(env.get("SPADEWORK_PUBLIC_URL") or "").rstrip("/") or None,
        worker_id=env.get("SPADEWORK_WORKER_ID") or None,
        simulator_url=(env.get("SPADEWORK_SIMULATOR_URL") or "").rstrip("/") or None,
        provider_base_urls={
            match[1].lower(): value.rstrip("/")
            for name, value in env.items()
            if value and (match := _PROVIDER_BASE_URL.match(name))
        },
        llm_base_url=(env.get("SPADEWORK_LLM_BASE_URL") or "").rstrip("/") or None,
        plugins=Path(env["SPADEWORK_PLUGINS"]).absolute() if env.get("SPADEWORK_PLUGINS") else None,
        bubblewrap=env.get("SPADEWORK_BWRAP") or "bwrap",
        log_level=_log_level(env.get("SPADEWORK_LOG_LEVEL", "INFO")),
        allow_private_egress=env.get("SPADEWORK_ALLOW_PRIVATE_EGRESS") == "1",
        is_test=env.get("SPADEWORK_TEST") == "1",
    )


def _port(text: str) -> int:
    if text.isdigit() and 0 <= int(text) <= 65535:
        return int(text)
    raise Misconfigured(f"SPADEWORK_PORT is {text!r}. Set it to a port number such as 8300.")


def _log_level(text: str) -> str:
    if text.upper() in ("DEBUG", "INFO", "WARNING", "ERROR"):
        return text.upper()
    raise Misconfigured(f"SPADEWORK_LOG_LEVEL is {text!r}. Set it to DEBUG, INFO, WARNING or ERROR.")
