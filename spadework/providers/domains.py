"""Clean domain: the registrable domain in a website, an e-mail address or a messy URL."""

from spadework.plug.parsing.domains import parse_website
from spadework.plug.provider import Capability, Found, LocalProvider, NotFound, Outcome, Refused
from spadework.plug.questions import NormalizeDomain, Question, Text


class Domains(LocalProvider):
    """Reads domains against the public suffix list that comes with the product; looks nothing up."""

    key = "domains"
    label = "Domain cleaning"
    summary = "example.co.uk from https://www.shop.example.co.uk/path: free, offline"
    docs_url = "https://publicsuffix.org/"
    capabilities = (Capability(question=NormalizeDomain, needs=(("value",),)),)

    def answer(self, question: Question) -> Outcome:
        """The domain as `text`; `parts` hold domain, host, subdomain, suffix, url and unicode_domain."""
        if not isinstance(question, NormalizeDomain):
            return Refused("invalid_request", f"Domain cleaning cannot answer {question.label or 'this question'!r}.")
        website = parse_website(question.value)
        if website is None:
            return NotFound(f"no web address in {question.value[:100]!r}")
        return Found(
            Text(
                text=website.domain,
                parts={
                    "domain": website.domain,
                    "host": website.host,
                    "subdomain": website.subdomain or None,
                    "suffix": website.suffix,
                    "url": website.url,
                    "unicode_domain": website.unicode_domain,
                },
            )
        )
