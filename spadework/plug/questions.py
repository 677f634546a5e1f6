"""What can be asked of a data source and what it can answer: the typed vocabulary of every provider.

A question is what a column asks for one row; its fields are the question's identity, so two equal
questions to one provider are one purchase. An answer is what came back. No vendor words here.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something is; any part may be unknown. `raw` is the source's own text."""

    city: str | None = None
    region: str | None = None
    country: str | None = None
    country_code: str | None = None
    raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One company as a source describes it; None means the source did not say, never "no"."""

    name: str
    domain: str | None = None
    website: str | None = None
    description: str | None = None
    industries: tuple[str, ...] = ()
    headquarters: Place | None = None
    employees: int | None = None
    employees_year: int | None = None
    revenue_usd: float | None = None
    revenue_currency: str | None = None
    revenue_amount: float | None = None
    revenue_year: int | None = None
    founded_year: int | None = None
    ceo: str | None = None
    phone: str | None = None
    linkedin_url: str | None = None
    technologies: tuple[str, ...] = ()
    ticker: str | None = None
    source_id: str | None = None
    raw: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person as a source describes them."""

    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    seniority: str | None = None
    company_name: str | None = None
    company_domain: str | None = None
    email: str | None = None
    email_status: str | None = None
    phone: str | None = None
    linkedin_url: str | None = None
    place: Place | None = None
    source_id: str | None = None
    raw: dict[str, Any] = field(default_factory=dict, compare=False)


EmailVerdictStatus = Literal["valid", "invalid", "catch_all", "role", "disposable", "do_not_mail", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailFound:
    """An address somebody claims belongs to the person; `is_guess` marks a pattern, not a sighting."""

    email: str
    confidence_percent: int | None = None
    status: EmailVerdictStatus = "unknown"
    is_guess: bool = False
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerdict:
    """Whether an address takes mail, as one validator sees it."""

    email: str
    status: EmailVerdictStatus
    detail: str | None = None
    confidence_percent: int | None = None
    suggestion: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerdicts:
    """The verdicts of one batch, in the source's order; addresses it did not judge are left out."""

    verdicts: tuple[EmailVerdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One cleaned or derived piece of text, with parts for those who want them."""

    text: str
    parts: dict[str, str | int | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What is left on a vendor account, in the vendor's own credits; None where it does not say."""

    credits_left: float | None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Companies:
    """A page of companies; `total` is the source's own count of all matches, None when it does not say."""

    companies: tuple[Company, ...]
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """A page of people; `total` as in Companies."""

    people: tuple[Person, ...]
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebResult:
    """One hit of a web search; `published` is a day (YYYY-MM-DD) where the engine knows one."""

    title: str
    url: str
    snippet: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebResults:
    """What a search engine lists, best first."""

    results: tuple[WebResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPage:
    """The readable text of one page: a stranger's words, to be quoted and never obeyed.

    `text` is what quotes are looked up in and `sha256` its digest in UTF-8, so a stored source can be
    told from a later version. `fetched_at` is UTC in ISO 8601; `is_cut` says that the page goes on.
    """

    url: str
    final_url: str
    title: str | None
    text: str
    published: str | None = None
    fetched_at: str
    sha256: str
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """One page that a report says it rests on; nobody of ours has read it yet."""

    url: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResearchReport:
    """What a research service found out, in its own words: to be checked against the pages it cites.

    `data` holds the answer in the form that was asked for, and is empty where none was. `task_id` is the
    service's own name for the work.
    """

    text: str
    sources: tuple[Cited, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    task_id: str | None = None


Answer = (
    Company | Person | Companies | People | EmailFound | EmailVerdict | EmailVerdicts | Text | Balance | WebResults
    | WebPage | ResearchReport
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The base of all questions. `capability` is the stable key columns and plans store.

    A bought answer serves equal questions for `fresh_days`; after that the world may have changed.
    """

    capability: ClassVar[str] = ""
    label: ClassVar[str] = ""
    fresh_days: ClassVar[int] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FindCompanies(Question):
    """Companies that match every filter given; an empty filter does not restrict.

    `locations` mix US states, countries and cities; sizes are bands like "51-200" or "10,001+".
    """

    capability: ClassVar[str] = "find_companies"
    label: ClassVar[str] = "Find companies"
    industries: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    revenue_min_usd: float | None = None
    revenue_max_usd: float | None = None
    founded_from: int | None = None
    founded_to: int | None = None
    keywords: tuple[str, ...] = ()
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichCompany(Question):
    """What is known about one company, by domain or by name."""

    capability: ClassVar[str] = "enrich_company"
    label: ClassVar[str] = "Company details"
    domain: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPeople(Question):
    """People at one company, by title and seniority."""

    capability: ClassVar[str] = "find_people"
    label: ClassVar[str] = "Find people"
    company_name: str = ""
    company_domain: str = ""
    titles: tuple[str, ...] = ()
    seniorities: tuple[str, ...] = ()
    limit: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichPerson(Question):
    """What is known about one person, by e-mail, profile, or name and company."""

    capability: ClassVar[str] = "enrich_person"
    label: ClassVar[str] = "Person details"
    email: str = ""
    linkedin_url: str = ""
    first_name: str = ""
    last_name: str = ""
    full_name: str = ""
    company_name: str = ""
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindEmail(Question):
    """The work address of one named person at one company."""

    capability: ClassVar[str] = "find_email"
    label: ClassVar[str] = "Find work e-mail"
    domain: str = ""
    full_name: str = ""
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyEmail(Question):
    """Whether an address takes mail."""

    capability: ClassVar[str] = "verify_email"
    label: ClassVar[str] = "Verify e-mail"
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalizeDomain(Question):
    """The registrable domain of a website, an address or a messy URL."""

    capability: ClassVar[str] = "normalize_domain"
    label: ClassVar[str] = "Clean domain"
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalizeEmail(Question):
    """An e-mail address in its canonical form."""

    capability: ClassVar[str] = "normalize_email"
    label: ClassVar[str] = "Clean e-mail"
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseName(Question):
    """A person's name split into its parts."""

    capability: ClassVar[str] = "parse_name"
    label: ClassVar[str] = "Split name"
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsePhone(Question):
    """A phone number in E.164; `region` is the two-letter country when the number has no prefix."""

    capability: ClassVar[str] = "parse_phone"
    label: ClassVar[str] = "Clean phone"
    value: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanCompanyName(Question):
    """A company's name without its legal form."""

    capability: ClassVar[str] = "clean_company_name"
    label: ClassVar[str] = "Clean company name"
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance(Question):
    """What is left on the vendor account; always free."""

    capability: ClassVar[str] = "account_balance"
    label: ClassVar[str] = "Account balance"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchWeb(Question):
    """Pages about something; `after` is a day (YYYY-MM-DD) and `domains` the only sites to list, both optional.

    An engine lists fewer than `limit` where it has fewer, or where one request brings no more.
    """

    capability: ClassVar[str] = "search_web"
    label: ClassVar[str] = "Search the web"
    fresh_days: ClassVar[int] = 1
    query: str = ""
    limit: int = 10
    after: str = ""
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage(Question):
    """The readable text of the page at an http or https address."""

    capability: ClassVar[str] = "read_page"
    label: ClassVar[str] = "Read a web page"
    fresh_days: ClassVar[int] = 1
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResearchTopic(Question):
    """A report on a topic, for which a service searches and reads by itself, often for minutes.

    `output_schema` is a JSON Schema as text, where the answer shall have a form; empty asks for a report.
    """

    capability: ClassVar[str] = "research_topic"
    label: ClassVar[str] = "Research a topic"
    fresh_days: ClassVar[int] = 7
    instructions: str = ""
    output_schema: str = ""


QUESTIONS: dict[str, type[Question]] = {
    question.capability: question
    for question in (
        FindCompanies, EnrichCompany, FindPeople, EnrichPerson, FindEmail, VerifyEmail, NormalizeDomain,
        NormalizeEmail, ParseName, ParsePhone, CleanCompanyName, AccountBalance, SearchWeb, ReadPage,
        ResearchTopic,
    )
}  # fmt: skip
