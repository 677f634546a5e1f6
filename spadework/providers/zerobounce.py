"""ZeroBounce: whether an e-mail address takes mail. zerobounce.net/docs (read 2026-11)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from spadework.core.errors import InvalidInput
from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug import reading
from spadework.plug.provider import (
    Capability,
    Found,
    HttpProvider,
    KeyField,
    Outcome,
    Rate,
    RefusalKind,
    Refused,
)
from spadework.plug.questions import (
    AccountBalance,
    Balance,
    EmailVerdict,
    EmailVerdicts,
    EmailVerdictStatus,
    Question,
    VerifyEmail,
)

_REFUSALS: dict[int, RefusalKind] = {
    400: "invalid_request", 401: "bad_key", 402: "out_of_credits", 403: "forbidden", 404: "invalid_request",
    408: "vendor_down", 413: "invalid_request", 422: "invalid_request", 429: "rate_limited",
}  # fmt: skip
# Spellings differ between the single call, the batch and older versions ("catch-all", "Catch-All").
_STATUS: dict[str, EmailVerdictStatus] = {
    "valid": "valid", "invalid": "invalid", "catchall": "catch_all", "unknown": "unknown",
    "spamtrap": "do_not_mail", "abuse": "do_not_mail", "donotmail": "do_not_mail",
}  # fmt: skip
_DO_NOT_MAIL_DETAIL: dict[str, EmailVerdictStatus] = {
    "role_based": "role", "role_based_catch_all": "role", "disposable": "disposable",
}  # fmt: skip


class ZeroBounce(HttpProvider):
    """Failures come as HTTP 200 with an `error`, and the key travels in the query."""

    key = "zerobounce"
    label = "ZeroBounce"
    docs_url = "https://www.zerobounce.net/docs/email-validation-api-quickstart/"
    summary = "E-mail verification; one credit per verdict, an unknown is free."
    base_url = "https://api.zerobounce.net/v2"
    # 80,000 in 10 s is the documented ceiling of `validate`; above it the key is blocked for a minute.
    rate = Rate(requests=80_000, per_seconds=10.0, concurrency=50)
    # About what a credit costs in the smallest package. Everyone's price differs; set yours in Settings.
    usd_per_credit = 0.01
    key_fields = (KeyField(name="api_key", label="API key"),)
    capabilities: ClassVar[Sequence[Capability]] = (
        Capability(question=VerifyEmail, price_credits=1, call_class="B", needs=(("email",),)),
        Capability(question=AccountBalance, call_class="C"),
    )

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """The request with the key in the query, or in the body where there is one."""
        key = credentials.get("api_key", "")
        if isinstance(request.json_body, dict):
            return replace(request, json_body={"api_key": key, **request.json_body})
        return replace(request, params={"api_key": key, **request.params})

    def request(self, question: Question) -> HttpRequest:
        """The request that asks the question.

        Raises:
            InvalidInput: ZeroBounce does not answer such a question.
        """
        match question:
            case VerifyEmail():
                # An empty `ip_address` must be present: the parameter is required, its value is not.
                return _get("validate", question, {"email": question.email, "ip_address": ""})
            case AccountBalance():
                return _get("getcredits", question, {})
        raise InvalidInput(f"ZeroBounce does not answer {question.label!r}. Choose another provider.")

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The outcome of any ZeroBounce reply; the status says little, the body decides."""
        body = reading.parse(response.body)
        if not 200 <= response.status < 300:
            return self._refusal(response, body)
        if not isinstance(body, dict):
            return reading.refused(self.label, "garbage", response, response.text[:100])
        if error := _error(body):
            return self._refused_with_200(response, error)
        if "Credits" in body or "credits" in body:
            return self._balance(response, body.get("Credits", body.get("credits")))
        if isinstance(body.get("email_batch"), list):
            verdicts = tuple(each for each in map(_verdict, reading.mappings(body["email_batch"])) if each)
            return Found(EmailVerdicts(verdicts=verdicts)) if verdicts else self._garbage(response)
        if verdict := _verdict(body):
            # An unknown is not billed (vendor's pricing page).
            return Found(verdict, charged_credits=0.0 if verdict.status == "unknown" else None)
        return self._garbage(response)

    def _balance(self, response: HttpResponse, value: Any) -> Outcome:
        # The key is checked nowhere else: -1 means that it is wrong, 0 that the account is empty.
        if reading.text(value) == "-1" or (isinstance(value, float) and value == -1):
            return reading.refused(self.label, "bad_key", response)
        left = reading.amount(value)
        if left is None:
            return self._garbage(response)
        if left == 0:
            return reading.refused(self.label, "out_of_credits", response)
        return Found(Balance(credits_left=left))

    def _refused_with_200(self, response: HttpResponse, error: str) -> Refused:
        lowered = error.lower()
        if "api key" in lowered or "api_key" in lowered:
            # One sentence covers a wrong key and an empty account, and asks for the same look.
            said = f"{error}. The account balance under Settings › Keys tells which of the two it is"
            return reading.refused(self.label, "bad_key", response, said)
        if "credit" in lowered:
            return reading.refused(self.label, "out_of_credits", response, error)
        if any(each in lowered for each in ("rate limit", "too many", "exceeded")):
            return reading.refused(self.label, "rate_limited", response, error)
        return reading.refused(self.label, "invalid_request", response, error)

    def _refusal(self, response: HttpResponse, body: Any) -> Refused:
        kind = _REFUSALS.get(response.status, "vendor_down" if response.status >= 500 else "garbage")
        said = _error(reading.mapping(body)) or response.text[:300]
        if kind == "invalid_request" and "api key" in said.lower():
            kind = "bad_key"
        return reading.refused(self.label, kind, response, said)

    def _garbage(self, response: HttpResponse) -> Refused:
        return reading.refused(self.label, "garbage", response, response.text[:100])


def _get(path: str, question: Question, query: Mapping[str, str]) -> HttpRequest:
    return HttpRequest(
        url=f"{ZeroBounce.base_url}/{path}",
        params=query,
        headers={"Accept": "application/json"},
        purpose=question.capability,
    )


def _error(body: dict[str, Any]) -> str | None:
    """The vendor's sentence when the whole call failed; a batch lists it for the address `all`."""
    for name in ("error", "Error", "error_message", "message"):
        if found := reading.text(body.get(name)):
            return found
    if reading.mappings(body.get("email_batch")):
        return None
    return next((found for each in reading.mappings(body.get("errors")) if (found := _error(each))), None)


def _verdict(value: dict[str, Any]) -> EmailVerdict | None:
    address = reading.email(value.get("address")) or reading.text(value.get("address"))
    said = (reading.text(value.get("status")) or "").lower()
    status = _STATUS.get(said.replace("-", "").replace("_", "").replace(" ", ""))
    if address is None or status is None:
        return None
    detail = reading.text(value.get("sub_status"))
    if status == "do_not_mail":
        status = _DO_NOT_MAIL_DETAIL.get((detail or "").lower(), status)
        detail = detail or said
    return EmailVerdict(
        email=address,
        status=status,
        detail=detail,
        suggestion=reading.text(value.get("did_you_mean")),
    )
