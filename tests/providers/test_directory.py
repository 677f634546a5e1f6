"""The company directory: real companies, the right ones, each once."""

import pytest

from spadework.plug.provider import Found, NotFound, Refused
from spadework.plug.questions import Companies, EnrichCompany, FindCompanies, FindPeople, People, VerifyEmail
from spadework.providers.directory import Directory


def find(**filters):
    """The companies a search gives, or the refusal or not-found itself."""
    outcome = Directory().answer(FindCompanies(**{"limit": 2_000, **filters}))
    return outcome.answer.companies if isinstance(outcome, Found) else outcome


def names(**filters):
    return {each.name for each in find(**filters)}


def test_technology_companies_of_california_are_real_complete_and_from_nowhere_else():
    found = find(industries=("Software", "semiconductors", "INTERNET"), locations=("California",))

    assert len(found) >= 50
    assert {(each.headquarters.region, each.headquarters.country_code) for each in found} == {("California", "US")}
    assert {"Adobe Inc.", "Nvidia", "Intel", "Salesforce", "Yelp"} <= {each.name for each in found}
    assert not {"Chipotle Mexican Grill", "Wells Fargo", "Microsoft"} & {each.name for each in found}
    filled = {
        name: sum(getattr(each, name) is not None for each in found) / len(found)
        for name in ("domain", "website", "ceo", "employees", "revenue_usd", "founded_year")
    }
    assert min(filled.values()) >= 0.8, filled
    assert all(each.headquarters.city for each in found)


def test_one_company_has_its_numbers_year_place_and_raw_text():
    (nvidia,) = (each for each in find(keywords=("Nvidia",)) if each.name == "Nvidia")

    assert (nvidia.domain, nvidia.website, nvidia.ceo) == ("nvidia.com", "https://nvidia.com", "Jensen Huang")
    assert (nvidia.founded_year, nvidia.headquarters.city, nvidia.revenue_currency) == (1993, "Santa Clara", "USD")
    assert nvidia.employees > 10_000 and nvidia.revenue_usd == nvidia.revenue_amount > 1e9
    assert "billion" in nvidia.raw["metadata"]["revenue"]


def test_revenue_in_another_currency_is_kept_and_not_converted():
    outcome = Directory().answer(EnrichCompany(domain="siemens.com"))

    assert isinstance(outcome, Found)
    company = outcome.answer
    assert (company.revenue_usd, company.revenue_currency) == (None, "EUR") and company.revenue_amount > 1e9


def test_no_company_comes_twice():
    found = find()
    domains = [each.domain for each in found if each.domain]

    assert len({each.name for each in found}) == len(found) > 1_800
    # Two members of the Mitsui group share the group's site; they are two companies.
    assert len(domains) - len(set(domains)) == 1


def test_share_classes_are_one_company_and_namesakes_are_two():
    assert {"Central Garden & Pet Company"} == names(keywords=("Central Garden",))
    assert {"EQT AB", "EQT Corporation"} <= names(keywords=("EQT",))


@pytest.mark.parametrize(
    ("location", "inside", "outside"),
    [
        ("CA", "Nvidia", "Siemens"),
        ("new york", "IBM", "Nvidia"),
        ("Germany", "Siemens", "Nvidia"),
        ("DEU", "Siemens", "Nvidia"),
        ("Deutschland", "Siemens", "Nvidia"),
        ("UK", "GSK plc", "Siemens"),
        ("San Jose, California", "Adobe Inc.", "Nvidia"),
        ("Munich", "Siemens", "Adobe Inc."),
    ],
)
def test_locations_are_states_countries_and_cities(location, inside, outside):
    found = names(locations=(location,))

    assert inside in found and outside not in found


def test_several_locations_and_sizes_add_up_and_filters_restrict_each_other():
    both = find(locations=("Texas", "Japan"), sizes=("10,001+",))

    assert {each.headquarters.country_code for each in both} == {"US", "JP"}
    assert all(each.employees > 10_000 for each in both)


def test_a_filter_leaves_out_companies_whose_value_is_not_known():
    found = find(locations=("California",), revenue_min_usd=1e9, revenue_max_usd=5e9, founded_from=1990)

    assert found and all(1e9 <= each.revenue_usd <= 5e9 and each.founded_year >= 1990 for each in found)


def test_the_limit_cuts_the_same_sorted_list_and_total_tells_the_rest():
    outcome = Directory().answer(FindCompanies(locations=("California",), limit=3))

    assert isinstance(outcome, Found) and isinstance(outcome.answer, Companies)
    everything = find(locations=("California",))
    assert outcome.answer.companies == everything[:3] and outcome.answer.total == len(everything)
    assert [each.name.casefold() for each in everything] == sorted(each.name.casefold() for each in everything)


def test_a_search_without_a_match_says_which_filter_matches_nothing():
    assert find(locations=("Atlantis",)) == NotFound("no company of the directory has its seat in 'Atlantis'")
    assert find(industries=("alchemy",)) == NotFound("no company of the directory is in the industry 'alchemy'")
    assert find(industries=("Software",), locations=("Luxembourg",), sizes=("1-2",)) == NotFound(
        "no company of the directory matches all the filters"
    )


def test_a_filter_that_cannot_be_read_is_refused():
    refused = find(sizes=("huge",))

    assert isinstance(refused, Refused) and refused.kind == "invalid_request" and "'huge'" in refused.message
    assert isinstance(find(limit=0), Refused)
    assert isinstance(Directory().answer(VerifyEmail(email="ann@example.com")), Refused)


def test_a_company_is_found_by_messy_domain_or_by_name_without_legal_form():
    by_domain = Directory().answer(EnrichCompany(domain="https://www.ADOBE.com/products"))
    by_name = Directory().answer(EnrichCompany(name="adobe, inc"))

    assert by_domain == by_name and isinstance(by_domain, Found) and by_domain.answer.name == "Adobe Inc."
    assert Directory().answer(EnrichCompany(domain="nobody.example")) == NotFound(
        "'nobody.example' is not in the directory of listed companies"
    )
    assert isinstance(Directory().answer(EnrichCompany()), NotFound)


def test_an_unknown_domain_is_not_replaced_by_the_name():
    assert isinstance(Directory().answer(EnrichCompany(domain="nobody.example", name="Adobe")), NotFound)


def test_key_people_come_with_title_seniority_and_split_name():
    outcome = Directory().answer(FindPeople(company_domain="nvidia.com"))

    assert isinstance(outcome, Found) and isinstance(outcome.answer, People)
    (huang,) = (each for each in outcome.answer.people if each.last_name == "Huang")
    assert (huang.first_name, huang.seniority, huang.company_domain) == ("Jensen", "c_suite", "nvidia.com")
    assert huang.email is None


def test_people_are_chosen_by_whole_words_of_their_title():
    ctos = Directory().answer(FindPeople(company_domain="meta.com", titles=("CTO",)))
    vps = Directory().answer(FindPeople(company_domain="meta.com", seniorities=("VP",)))

    assert isinstance(ctos, Found) and [each.full_name for each in ctos.answer.people] == ["Andrew Bosworth"]
    assert isinstance(vps, NotFound) and "none with such a title" in vps.reason


def test_changing_an_answer_does_not_change_the_directory():
    first = Directory().answer(EnrichCompany(domain="adobe.com"))
    assert isinstance(first, Found)
    first.answer.raw["metadata"].clear()

    again = Directory().answer(EnrichCompany(domain="adobe.com"))
    assert isinstance(again, Found) and again.answer.raw["metadata"]["website"] == "adobe.com"
