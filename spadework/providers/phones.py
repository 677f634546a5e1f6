"""Clean phone: a number in E.164 with what its digits tell."""

import phonenumbers

from spadework.plug.parsing.places import find_country
from spadework.plug.provider import Capability, Found, LocalProvider, NotFound, Outcome, Refused
from spadework.plug.questions import ParsePhone, Question, Text


class Phones(LocalProvider):
    """Reads numbers with the rules of each country's numbering plan; calls nobody."""

    key = "phones"
    label = "Phone cleaning"
    summary = "+442079460000 from '020 7946 0000' and 'GB': free, offline"
    docs_url = "https://github.com/daviddrysdale/python-phonenumbers"
    capabilities = (Capability(question=ParsePhone, needs=(("value",),)),)

    def answer(self, question: Question) -> Outcome:
        """The number in E.164 as `text`; `parts` hold region, type, both written forms, extension and is_valid.

        NotFound also when the number has no country prefix and no region is given: guessing one would
        ring a stranger.
        """
        if not isinstance(question, ParsePhone):
            return Refused("invalid_request", f"Phone cleaning cannot answer {question.label or 'this question'!r}.")
        region = find_country(question.region) if question.region.strip() else None
        if question.region.strip() and region is None:
            return NotFound(f"{question.region[:60]!r} is no country; write a name or a two-letter code such as US")
        try:
            number = phonenumbers.parse(question.value[:250], region)
        except phonenumbers.NumberParseException as error:
            if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE and region is None:
                return NotFound(f"{question.value[:60]!r} has no country prefix; name the country it is in")
            return NotFound(f"no phone number in {question.value[:60]!r}")
        if not phonenumbers.is_possible_number(number):
            return NotFound(f"{question.value[:60]!r} has too few or too many digits for a phone number")
        return Found(
            Text(
                text=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
                parts={
                    "region": phonenumbers.region_code_for_number(number),
                    "type": phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(number)).lower(),
                    "national": phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL),
                    "international": phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL),
                    "extension": number.extension or None,
                    "is_valid": phonenumbers.is_valid_number(number),
                },
            )
        )
