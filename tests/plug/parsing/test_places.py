"""Places out of headquarters lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.plug.parsing.places import fill_place, find_country, find_us_state, parse_place, place_fits


@pytest.mark.parametrize(
    ("text", "city", "region", "country"),
    [
        ("Wood Dale, Illinois , United States 41°59′20″N 87°58′55″W ﻿ / ﻿ 41.98; -87.98", "Wood Dale", "Illinois", "US"),
        ("New York City, New York", "New York City", "New York", "US"),
        ("90 Park Avenue , New York , NY 10016 , U.S.", "New York", "New York", "US"),
        ("30 Hudson Yards New York City, U.S.", "New York City", "New York", "US"),
        ("Googleplex , Mountain View, California , United States", "Mountain View", "California", "US"),
        ("4484 Wilshire Boulevard Los Angeles, California", "Los Angeles", "California", "US"),
        ("Seattle , Washington, and Arlington County, Virginia , U.S.", "Seattle", "Washington", "US"),
        ("Jersey City, New Jersey , U.S.", "Jersey City", "New Jersey", "US"),
        ("Atlanta, Georgia", "Atlanta", "Georgia", "US"),
        ("London , England, UK", "London", "England", "GB"),
        ("Windsor, Berkshire , England, UK", "Windsor", "England", "GB"),
        ("Herzogenaurach , Bavaria , Germany", "Herzogenaurach", "Bavaria", "DE"),
        ("Marunouchi , Chiyoda-ku , Tokyo 100-8405, Japan", "Tokyo", "Tokyo", "JP"),
        ("Nakamura-ku, Nagoya , Aichi 450-6101 , Japan", "Nagoya", "Aichi", "JP"),
        ("Kitakyushu 806-0004 Japan", "Kitakyushu", None, "JP"),
        ("Toronto , Ontario , Canada", "Toronto", "Ontario", "CA"),
        ("La Défense , Courbevoie ( Hauts-de-Seine ) , France", "Courbevoie", None, "FR"),
        ("Dublin , Ireland (legal) Grand Rapids, Michigan , U.S. (operational)", "Grand Rapids", "Michigan", "US"),
        ("California", None, "California", "US"),
        ("CA", None, "California", "US"),
        ("Deutschland", None, None, "DE"),
        ("Paris", "Paris", None, None),
    ],
)  # fmt: skip
def test_city_region_and_country_are_read(text, city, region, country):
    place = parse_place(text)

    assert place is not None
    assert (place.city, place.region, place.country_code, place.raw) == (city, region, country, text.strip())


def test_blank_is_no_place():
    assert [parse_place(each) for each in ("", "  ", None, 5)] == [None] * 4


def test_a_seat_in_another_state_does_not_fit_a_wanted_state():
    california = parse_place("California")
    assert california is not None

    assert place_fits(parse_place("San José, CA"), california)
    assert not place_fits(parse_place("Ontario, Canada"), california)
    assert not place_fits(None, california)


def test_a_city_fits_with_and_without_accents():
    wanted = parse_place("Zurich")
    assert wanted is not None

    assert place_fits(parse_place("Zürich, Switzerland"), wanted)


def test_only_a_place_that_agrees_fills_the_gaps():
    city = parse_place("Los Angeles , United States")

    assert (fill_place(city, parse_place("Los Angeles, California")) or city).region == "California"
    assert (fill_place(city, parse_place("Paris, France")) or city).region is None


def test_names_codes_and_aliases_of_countries_and_states():
    assert [find_country(each) for each in ("USA", "u.k.", "South Korea", "DEU", "the Netherlands", "Atlantis")] == [
        "US", "GB", "KR", "DE", "NL", None,
    ]  # fmt: skip
    assert [find_us_state(each) for each in ("TX", "tx", "new york", "D.C.", "Ontario")] == [
        "Texas", None, "New York", "District of Columbia", None,
    ]  # fmt: skip


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(["(", ")", ",", "U.S.", "Tokyo", "1-2", ":", "Paris "])).map(" ".join)
    )
)
def test_no_text_makes_the_parser_raise(text):
    place = parse_place(text)

    assert place is None or place.raw == text.strip()
