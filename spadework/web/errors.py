"""How a refusal looks on the wire: one JSON shape, whatever refused."""

from typing import Any

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from spadework.core.errors import SpadeworkError

log = structlog.get_logger()
_LONGEST_MESSAGE = 1000

_SENTENCES = {
    400: ("bad_request", "The request could not be read. Check its form and send it again."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method. The contract is at /openapi.json."),
    413: ("limit_reached", "The request is larger than this address accepts. Send less at once."),
}


class ErrorBody(BaseModel):
    """What went wrong, in a sentence with the next move, and in a stable code for programs."""

    code: str
    message: str
    details: dict[str, Any]
    request_id: str


class ErrorReply(BaseModel):
    """The body of every answer from 400 up."""

    error: ErrorBody


def reply(
    request: Request,
    status: int,
    code: str,
    message: str,
    *,
    details: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """The one error shape; `details["retry_after_seconds"]` becomes the Retry-After header too."""
    details = details or {}
    if seconds := details.get("retry_after_seconds"):
        headers = {**(headers or {}), "Retry-After": str(seconds)}
    request_id = getattr(request.state, "request_id", "")
    body = {"code": code, "message": _readable(message), "details": details, "request_id": request_id}
    return JSONResponse({"error": body}, status_code=status, headers=headers)


def _readable(message: str) -> str:
    """The message, without the middle of what it quotes; the next move stands at its end."""
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:500]} … {message[-400:]}"


async def on_spadework_error(request: Request, error: Exception) -> JSONResponse:
    """Ours: code, status and sentence are in the error itself."""
    assert isinstance(error, SpadeworkError)
    if error.status >= 500:
        log.error("request failed", path=request.url.path, code=error.code, message=error.message)
    return reply(request, error.status, error.code, error.message, details=error.details)


async def on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    """What does not fit the contract; each field is named, its content is not repeated."""
    assert isinstance(error, RequestValidationError)
    fields = [
        {
            "field": ".".join(str(part) for part in each["loc"][1:]),
            "place": str(each["loc"][0]),
            "message": each["msg"].removeprefix("Value error, "),
        }
        for each in error.errors()[:50]
    ]
    first = fields[0]
    where = f"{first['field']}: " if first["field"] else ""
    return reply(
        request,
        422,
        "invalid_input",
        f"The request does not fit the contract. {where}{first['message'].rstrip('.')}.",
        details={"fields": fields},
    )


async def on_http_error(request: Request, error: Exception) -> JSONResponse:
    """The framework's own: no such address, wrong method, too large."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, SpadeworkError):  # ours, raised while the framework read an upload
        return await on_spadework_error(request, error.__cause__)
    code, message = _SENTENCES.get(error.status_code, ("error", "The request was refused."))
    return reply(request, error.status_code, code, message, headers=dict(error.headers or {}))


def unexpected(request: Request, error: Exception) -> JSONResponse:
    """The web's catch-all: logged with its cause, and answered without it."""
    log.error("request crashed", path=request.url.path, method=request.method, exc_info=error)
    return reply(
        request,
        500,
        "internal_error",
        "Something in Spadework broke. Try again; if it repeats, look for the request id in the log.",
    )
