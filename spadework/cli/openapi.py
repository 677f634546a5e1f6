"""`openapi`: the contract of the REST API, printed without starting anything."""

import importlib
import sys
from types import SimpleNamespace
from typing import Any

import orjson
import typer

from spadework.core import config

app = typer.Typer(add_completion=False)


@app.command("openapi")
def print_contract(ctx: typer.Context) -> None:
    """Print the OpenAPI document of this version, as JSON."""
    # The edges may not import each other, and only the web server knows its own contract. It is not
    # served here, so nothing needs to be opened: its routes look at settings alone.
    web: Any = importlib.import_module("spadework.web.main")
    site = web.create(SimpleNamespace(settings=config.load(), database=None))
    sys.stdout.write(orjson.dumps(site.openapi(), option=orjson.OPT_INDENT_2).decode() + "\n")
