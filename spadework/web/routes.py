"""What every file in `web/api` builds on: the router, the shapes' base, ids that say what they are ids of."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, WithJsonSchema
from starlette.exceptions import HTTPException
from starlette.types import Message

from spadework.core.errors import InvalidInput, LimitReached, SpadeworkError
from spadework.core.ids import ClientId, FieldId, PlanId, RunId, TableId, UserId, WorkbookId
from spadework.web import auth, errors, idempotency
from spadework.web.auth import Requirement

BODY_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 20
MAX_PAGE = 500


def resource(kind: str) -> WithJsonSchema:
    """Marks an id in the contract with what it is an id of: `Annotated[UUID, resource("client")]`."""
    return WithJsonSchema({"type": "string", "format": "uuid", "x-resource": kind})


AnyClient = Annotated[ClientId, resource("client")]
AnyWorkbook = Annotated[WorkbookId, resource("workbook")]
AnyTable = Annotated[TableId, resource("table")]
AnyField = Annotated[FieldId, resource("field")]
AnyRun = Annotated[RunId, resource("run")]
AnyPlan = Annotated[PlanId, resource("plan")]
AnyUser = Annotated[UserId, resource("user")]
AnyView = Annotated[UUID, resource("view")]
AnyBudget = Annotated[UUID, resource("budget")]
AnyCall = Annotated[UUID, resource("call")]
AnyUpload = Annotated[UUID, resource("upload")]
AnySession = Annotated[UUID, resource("session")]
AnyKey = Annotated[UUID, resource("api_key")]
AnyStep = Annotated[UUID, resource("step")]
AnyScope = Annotated[UUID, resource("scope")]
"""What a budget limits: the id of an account, client, workbook, table, column or run."""


class Body(BaseModel):
    """The base of every request body: what it does not name is refused, nothing is guessed."""

    model_config = ConfigDict(extra="forbid", strict=False, str_max_length=1_000_000)


class Reply(BaseModel):
    """The base of every reply; made from a domain's own type by attribute."""

    model_config = ConfigDict(from_attributes=True)


class Operation(APIRoute):
    """One operation of the contract: lets in whom it declares, reads the body within limits, acts once per key."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.requirement = _requirement_of(self)
        if self.requirement is not None:
            self.openapi_extra = {**(self.openapi_extra or {}), **_contract_of(self.requirement)}

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle = super().get_route_handler()
        requirement = _requirement_of(self)
        takes_body = self.body_field is not None

        async def operate(request: Request) -> Response:
            assert requirement is not None, "create() refuses operations that declare no permission"
            try:
                return await _operate(_limited(request, requirement), requirement, takes_body, handle)
            except (SpadeworkError, HTTPException, RequestValidationError):
                raise
            except Exception as error:  # the web's door: whatever breaks inside is logged and answered
                return errors.unexpected(request, error)

        return operate


class Router(APIRouter):
    """The router of one file in `web/api`; `web/main.py` finds it by the name `router`."""

    def __init__(self, tag: str) -> None:
        super().__init__(
            tags=[tag],
            route_class=Operation,
            responses={"default": {"model": errors.ErrorReply, "description": "A refusal, in one shape for all."}},
            generate_unique_id_function=lambda route: f"{tag}_{route.name}",
        )


async def _operate(
    request: Request,
    requirement: Requirement,
    takes_body: bool,
    handle: Callable[[Request], Awaitable[Response]],
) -> Response:
    _check_address(request)
    principal = await auth.admit(request, requirement)
    request.state.principal = principal
    if not requirement.is_upload and request.method not in ("GET", "HEAD") and (body := await request.body()):
        # The framework would parse it once more, and take integers that neither we nor Postgres can hold.
        request._json = _content_of(body, takes_body)
    if principal is None:
        return await handle(request)
    return await idempotency.once(request, principal, requirement, lambda: handle(request))


def _limited(request: Request, requirement: Requirement) -> Request:
    """The request, refusing to read a body that is longer than announced limits; LimitReached when it is."""
    most = auth.UPLOAD_BYTES if requirement.is_upload else BODY_BYTES
    refusal = LimitReached(f"The request is larger than {most // 1024**2} MB. Send less at once.")
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > most:
        raise refusal
    seen = 0

    async def receive() -> Message:
        nonlocal seen
        message = await request.receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise refusal
        return message

    return Request(request.scope, receive)


def _check_address(request: Request) -> None:
    # Postgres stores no NUL in text, so one would surface as a failure deep inside.
    if b"%00" in request.scope.get("raw_path", b"") + request.scope["query_string"]:
        raise InvalidInput("The address holds a NUL character. Leave it out.")


def _content_of(body: bytes, takes_body: bool) -> Any:
    """The body parsed, within our limits.

    Raises:
        InvalidInput: it is no JSON, too deep, or holds what Postgres cannot store.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"The body is not JSON: {error}. Send JSON in UTF-8.") from error
    if not takes_body and content != {}:
        raise InvalidInput("This operation takes no body. Leave it out.")
    if _depth(content) > MAX_DEPTH:
        raise InvalidInput(f"The body is nested deeper than {MAX_DEPTH} levels. Flatten it.")
    if b"\\u0000" in body and _holds_nul(content):
        raise InvalidInput("The body holds a NUL character. Leave it out.")
    return content


def _holds_nul(content: Any) -> bool:
    left = [content]
    while left:
        each = left.pop()
        if isinstance(each, str) and "\x00" in each:
            return True
        if isinstance(each, dict):
            left += [*each, *each.values()]
        elif isinstance(each, list):
            left += each
    return False


def _depth(content: Any) -> int:
    depth, level = 0, [content]
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        level = [
            inner for each in level for inner in (each.values() if isinstance(each, dict) else each)
        ] if depth <= MAX_DEPTH else []  # fmt: skip
    return depth


def _requirement_of(route: APIRoute) -> Requirement | None:
    found = [each.call for each in route.dependant.dependencies if isinstance(each.call, Requirement)]
    return found[0] if len(found) == 1 else None


def _contract_of(requirement: Requirement) -> dict[str, Any]:
    contract: dict[str, Any] = {"x-permission": requirement.permission, "x-effects": requirement.effects}
    if requirement.permission != auth.PUBLIC:
        contract["security"] = [{"session": []}, {"key": []}]
    if requirement.effects != "none":
        contract["parameters"] = [
            {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "minLength": 1}}
        ]
    return contract
