"""Domains out of websites, addresses and what Wikipedia has instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.plug.parsing.domains import domain_of, parse_website


@pytest.mark.parametrize(
    ("text", "domain", "url"),
    [
        ("example.com", "example.com", "https://example.com"),
        ("http://www.example.co.uk/", "example.co.uk", "http://www.example.co.uk"),
        ("HTTPS://Shop.Example.com:8443/Path?q=1", "example.com", "https://shop.example.com:8443/Path?q=1"),
        ("jane@mail.example.com", "example.com", "https://mail.example.com"),
        ("www.example.jp /english /", "example.jp", "https://www.example.jp/english"),
        ("example.com (retail) example.net (corporate)", "example.com", "https://example.com"),
        ("Official website: example.org", "example.org", "https://example.org"),
        ("münchen.example.de", "example.de", "https://xn--mnchen-3ya.example.de"),
    ],
)
def test_the_first_address_in_a_text_is_read(text, domain, url):
    website = parse_website(text)

    assert website is not None
    assert (website.domain, website.url) == (domain, url)


@pytest.mark.parametrize(
    "text", ["", "Official website", "localhost", "192.168.0.1", "http://[::1]/", "co.uk", "a..b.com", None, 7]
)
def test_what_has_no_public_domain_gives_none(text):
    assert domain_of(text) is None


@given(st.one_of(st.text(), st.from_regex(r"(https?://)?[\w.@:/-]{0,40}")))
def test_no_text_makes_the_parser_raise(text):
    website = parse_website(text)

    assert website is None or website.host.endswith(website.domain)
