"""Offline e-mail checks: syntax, role addresses, throw-away and free-mail domains; asks no server."""

from email_validator import EmailNotValidError, validate_email

from spadework.plug.parsing.domains import domain_of
from spadework.plug.provider import Capability, Found, LocalProvider, Outcome, Refused
from spadework.plug.questions import EmailVerdict, EmailVerdictStatus, Question, VerifyEmail

# Mailboxes of a function and not of a person; RFC 2142 names the first line.
_ROLES = frozenset(
    (
        "abuse", "hostmaster", "info", "marketing", "noc", "postmaster", "sales", "security", "support", "webmaster",
        "admin", "administrator", "accounting", "accounts", "billing", "careers", "compliance", "contact", "contacts",
        "customerservice", "enquiries", "enquiry", "feedback", "finance", "hello", "help", "helpdesk", "hr",
        "inquiries", "inquiry", "investors", "invoices", "ir", "it", "jobs", "legal", "mail", "media", "news",
        "newsletter", "noreply",
        "office", "orders", "partners", "payments", "pr", "press", "privacy", "recruiting", "root", "service", "team",
        "donotreply", "kontakt", "vertrieb", "buchhaltung", "bewerbung", "contacto", "ventas", "facturation",
    )
)  # fmt: skip
_THROW_AWAY = frozenset(
    (
        "mailinator.com", "guerrillamail.com", "guerrillamail.net", "guerrillamail.org", "sharklasers.com", "grr.la",
        "10minutemail.com", "10minutemail.net", "temp-mail.org", "tempmail.com", "tempmailo.com", "yopmail.com",
        "yopmail.net", "yopmail.fr", "trashmail.com", "trashmail.de", "trashmail.net", "throwawaymail.com",
        "maildrop.cc", "getnada.com", "dispostable.com", "mintemail.com", "mohmal.com", "fakeinbox.com",
        "mailnesia.com", "spamgourmet.com", "mytemp.email", "emailondeck.com", "discard.email", "wegwerfmail.de",
        "einrot.com", "mailcatch.com", "moakt.com", "tempr.email", "burnermail.io", "inboxkitten.com", "mail.tm",
        "tempinbox.com", "spam4.me", "33mail.com", "anonbox.net", "byom.de", "jetable.org", "mail-temp.com",
    )
)  # fmt: skip
_FREE_MAIL = frozenset(
    (
        "gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.uk", "yahoo.co.jp", "yahoo.fr", "yahoo.de", "ymail.com",
        "rocketmail.com", "hotmail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "outlook.com", "outlook.de",
        "live.com", "live.co.uk", "msn.com", "aol.com", "icloud.com", "me.com", "mac.com", "proton.me",
        "protonmail.com", "pm.me", "gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "web.de", "t-online.de",
        "freenet.de", "mail.com", "mail.ru", "yandex.ru", "yandex.com", "bk.ru", "inbox.ru", "list.ru", "qq.com",
        "163.com", "126.com", "sina.com", "naver.com", "daum.net", "hanmail.net", "rediffmail.com", "zoho.com",
        "fastmail.com", "hey.com", "tutanota.com", "orange.fr", "free.fr", "laposte.net", "wanadoo.fr", "libero.it",
        "virgilio.it", "tiscali.it", "uol.com.br", "bol.com.br", "comcast.net", "verizon.net", "att.net",
        "sbcglobal.net", "cox.net", "btinternet.com", "sky.com", "bluewin.ch", "seznam.cz", "wp.pl", "o2.pl", "onet.pl",
    )
)  # fmt: skip
_NOT_ASKED = "Whether the mailbox exists was not checked: no mail server and no DNS was asked."


class EmailChecks(LocalProvider):
    """Tells what an address shows by itself; never `valid`, because only a mail server can say that."""

    key = "email_checks"
    label = "E-mail checks (offline)"
    summary = "Syntax, role, throw-away and free-mail: free, offline; cannot tell whether a mailbox exists"
    docs_url = "https://github.com/JoshData/python-email-validator"
    capabilities = (Capability(question=VerifyEmail, needs=(("email",),)),)

    def answer(self, question: Question) -> Outcome:
        """A verdict of `invalid`, `disposable`, `role` or `unknown`; `detail` says what was and was not looked at."""
        if not isinstance(question, VerifyEmail):
            return Refused("invalid_request", f"E-mail checks cannot answer {question.label or 'this question'!r}.")
        email = question.email.strip()[:1_000]
        try:
            checked = validate_email(email, check_deliverability=False, strict=True)
        except EmailNotValidError as error:
            return Found(EmailVerdict(email=email, status="invalid", detail=f"Not an e-mail address: {error}"))
        status, detail = _verdict(checked.local_part.lower(), checked.ascii_domain.lower())
        return Found(EmailVerdict(email=checked.normalized, status=status, detail=f"{detail} {_NOT_ASKED}"))


def _verdict(local: str, domain: str) -> tuple[EmailVerdictStatus, str]:
    registrable = domain_of(domain) or domain
    if registrable in _THROW_AWAY:
        return "disposable", f"{registrable} hands out throw-away addresses."
    name = local.partition("+")[0].replace("-", "").replace("_", "").replace(".", "")
    if name in _ROLES:
        return "role", f"{local} is the mailbox of a function, not of one person."
    if registrable in _FREE_MAIL:
        return "unknown", f"The syntax is right; {registrable} is a free-mail service, so this is no company address."
    return "unknown", "The syntax is right, and it is neither a role nor a throw-away address."
