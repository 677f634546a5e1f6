"""The JSON of an extract: everything that is not ours, or not masked, is refused by name."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.extracts import notes
from spadework.extracts.errors import InvalidExtract
from spadework.extracts.types import EXIF_NAMES, FileExtract

SEED_EXTRACT = {
    "filename": "sales.csv",
    "columns": ["date", "product_id", "revenue"],
    "sample_rows": [["####-##-##", "AAAA-####", "$#,###.##"]],
    "row_count": 1542,
}
WHOLE = SEED_EXTRACT | {
    "kind": "table", "sheet": "Q1", "header": "looks_like_data", "encoding": "cp1252", "delimiter": ";", "withheld": 2,
    "page_count": 1, "headings": ["Aaa"], "preview": ["aaa ##"], "tables": 0, "format": "csv", "width": 3, "height": 4,
    "exif": {"Model": "Aaa ##"}, "notes": [notes.BLANK_NAMES, notes.with_number(notes.UNEVEN_ROWS, 17)],
}  # fmt: skip


def test_the_extract_of_the_specification_comes_back_as_it_went() -> None:
    assert FileExtract.from_json(SEED_EXTRACT).to_json() == SEED_EXTRACT


def test_an_extract_with_every_key_comes_back_as_it_went() -> None:
    assert FileExtract.from_json(json.loads(json.dumps(WHOLE))).to_json() == WHOLE


def test_nulls_are_the_same_as_keys_left_out() -> None:
    assert FileExtract.from_json(SEED_EXTRACT | {"sheet": None, "notes": None}).to_json() == SEED_EXTRACT


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": []}, "no key 'rows'"),
        ({"row_count": None}, "row_count is no whole number"),
        ({"row_count": True}, "row_count is no whole number"),
        ({"row_count": -1}, "row_count is no whole number"),
        ({"row_count": "3"}, "row_count is no whole number"),
        ({"filename": "  "}, "filename is blank"),
        ({"filename": "x" * 501}, "filename is longer than 500"),
        ({"filename": "a\0b"}, "filename holds characters that cannot be sent"),
        ({"filename": "a\ud800b"}, "filename holds characters that cannot be sent"),
        ({"columns": "date"}, "columns is no list"),
        ({"columns": ["a"] * 501}, "columns has more than 500 entries"),
        ({"columns": ["a", 1, "c"]}, "columns[1] is no text"),
        ({"sample_rows": [["##", "Aaa", "Berlin"]]}, "sample_rows[0][2] holds letters or digits that are not masked"),
        ({"sample_rows": [["##", "Aaa", "7"]]}, "sample_rows[0][2] holds letters or digits that are not masked"),
        ({"sample_rows": [["##", "Aaa", "Ⓑ"]]}, "sample_rows[0][2] holds letters or digits that are not masked"),
        ({"sample_rows": [["##", "Aaa", "a" * 1_001]]}, "sample_rows[0][2] is longer than 1,000"),
        ({"sample_rows": [["##", "Aaa"]]}, "sample_rows[0] holds 2 values for 3 columns"),
        ({"sample_rows": [["", "", ""]] * 4}, "sample_rows has more than 3 entries"),
        ({"kind": "video"}, "kind is none of"),
        ({"header": "second_row"}, "header is none of"),
        ({"encoding": "Berlin"}, "encoding is none of"),
        ({"delimiter": "x"}, "delimiter is none of"),
        ({"format": "exe"}, "format is none of"),
        ({"headings": ["Aaa", "Salaries"]}, "headings[1] holds letters or digits that are not masked"),
        ({"preview": ["Aaa 2024"]}, "preview[0] holds letters or digits that are not masked"),
        ({"exif": {"GPSLatitude": "##"}}, "exif may not hold 'GPSLatitude'"),
        ({"exif": {"Model": "Canon"}}, "exif.Model holds letters or digits that are not masked"),
        ({"notes": ["The salary of Ana is high."]}, "notes[0] is none of our notes"),
        ({"notes": ["Rows with more or fewer values than there are columns: 17. Ana."]}, "notes[0] is none of our notes"),
        ({"notes": [notes.UNEVEN_ROWS]}, "notes[0] is none of our notes"),
    ],
)  # fmt: skip
def test_an_extract_out_of_shape_or_unmasked_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidExtract, match=re.escape(message)):
        FileExtract.from_json(SEED_EXTRACT | change)


@pytest.mark.parametrize("missing", ["filename", "columns", "sample_rows", "row_count"])
def test_an_extract_without_one_of_the_four_keys_is_refused(missing: str) -> None:
    with pytest.raises(InvalidExtract, match=f"lacks '{missing}'"):
        FileExtract.from_json({key: value for key, value in SEED_EXTRACT.items() if key != missing})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from([*WHOLE]) | st.text(max_size=5), inner, max_size=20)
        ),
        max_leaves=30,
    )
)
def test_whatever_is_sent_is_an_extract_or_refused(value: object) -> None:
    try:
        extract = FileExtract.from_json(value)
    except InvalidExtract:
        return
    assert FileExtract.from_json(extract.to_json()) == extract


def test_no_camera_field_on_the_list_tells_a_place_or_a_person() -> None:
    assert not [
        each for each in EXIF_NAMES if re.search("gps|artist|owner|copyright|serial|comment|description", each, re.I)
    ]
