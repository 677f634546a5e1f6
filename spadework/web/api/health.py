"""Whether the process lives, and whether it can do its work."""

import asyncio
from typing import Literal

from fastapi import Request

from spadework.accounts.types import Principal
from spadework.core.errors import DatabaseUnavailable
from spadework.web import store
from spadework.web.auth import app_of, public
from spadework.web.routes import Reply, Router

router = Router("health")
_PATIENCE_SECONDS = 2.0


class Health(Reply):
    """A good answer; a bad one is an error."""

    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def alive(_: Principal | None = public()) -> Health:
    """Good while the process answers at all."""
    return Health()


@router.get("/readyz")
async def ready(request: Request, _: Principal | None = public()) -> Health:
    """Good while the database answers; 503 within two seconds when it does not."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), app_of(request).database.read(None) as tx:
            await store.ping(tx)
    except TimeoutError as error:
        raise DatabaseUnavailable("Postgres does not answer. It may be restarting; try again shortly.") from error
    return Health()
