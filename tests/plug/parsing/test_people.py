"""People and titles out of key-people lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.plug.parsing.people import NamedPerson, find_ceo, parse_key_people, seniority_of, split_name


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Ann Bell ( president & CEO )", [("Ann Bell", "president & CEO")]),
        ("Ann Bell (chairman) Cy Dorn ( CEO )", [("Ann Bell", "chairman"), ("Cy Dorn", "CEO")]),
        ("Ann Bell, CEO Cy Dorn, Chief Tax Officer", [("Ann Bell", "CEO"), ("Cy Dorn", "Chief Tax Officer")]),
        ("Ann Bell ( CEO )( President )", [("Ann Bell", "CEO, President")]),
        ("Example Corporation: Ann Bell (chairman)", [("Ann Bell", "chairman")]),
        ("Ann (Annie) Bell ( CEO )", [('Ann "Annie" Bell', "CEO")]),
        ("CEO: Ann Bell CFO: Cy Dorn", [("Ann Bell", "CEO"), ("Cy Dorn", "CFO")]),
        ("Ann Bell and Cy Dorn (Co-CEOs)", [("Ann Bell", "Co-CEOs"), ("Cy Dorn", "Co-CEOs")]),
        ("Ann van der Bell Jr. ( CEO )", [("Ann van der Bell Jr.", "CEO")]),
        ("Ann Bell", [("Ann Bell", None)]),
        ("( president and CEO )", []),
        ("", []),
        (None, []),
    ],
)  # fmt: skip
def test_a_list_of_key_people_is_read_in_order(text, people):
    assert [(each.name, each.title) for each in parse_key_people(text)] == people


def test_the_chief_of_the_whole_company_is_the_ceo():
    people = (
        NamedPerson("Ann Bell", "former CEO"),
        NamedPerson("Cy Dorn", "CEO Americas"),
        NamedPerson("Eve Fox", "Chairman and CEO"),
    )

    assert find_ceo(people) == "Eve Fox"
    assert find_ceo(people[:1]) is None


@pytest.mark.parametrize(
    ("title", "seniority"),
    [
        ("Director of Sales", "director"),
        ("CTO", "c_suite"),
        ("Vice President, Sales", "vp"),
        ("President", "c_suite"),
        ("Co-Founder & CEO", "founder"),
        ("Chief Revenue Officer", "c_suite"),
        ("Account Manager", "manager"),
        ("Analyst", None),
        (None, None),
    ],
)
def test_seniority_is_read_from_whole_words(title, seniority):
    assert seniority_of(title) == seniority


def test_a_name_is_split_and_shouting_is_calmed():
    parts = split_name("DR. JANE A. ROE JR.")

    assert parts is not None
    assert (parts.title, parts.first, parts.middle, parts.last, parts.suffix) == ("Dr.", "Jane", "A.", "Roe", "Jr.")
    assert split_name("12345") is None


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(["Ann", "Bell", "(", ")", ",", "CEO", "and", ":", "-"])).map(" ".join)
    )
)
def test_no_text_makes_the_parsers_raise(text):
    find_ceo(parse_key_people(text))
    seniority_of(text)
    split_name(text)
