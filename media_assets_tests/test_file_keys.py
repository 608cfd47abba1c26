"""Safe names: readable, URL-safe, and never two texts under one."""

import re
import unicodedata
from itertools import product
from string import ascii_letters
from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from media_assets.errors import UnsafeKeyError
from media_assets.file_keys import check_key, file_key, partition_prefix, row_stem, safe_segment

DIGEST = "0123456789abcdef0123456789abcdef"
RESERVED = ["con", "CON", "prn", "aux", "nul", "NUL", "com1", "lpt9", "con.jpg", "Aux.tar.gz"]
SPECIAL = [
    *("", " ", ".", "..", "...", "~", "-", "--", "_", "__", "-rf", ".hidden", "a.", "a ", " a"),
    *("a/b", "a\\b", "a//b", "../../etc/passwd", "/etc/passwd", "C:\\Windows", "a\0b", "a\nb"),
    *(
        "é",
        "e\u0301",
        "Å",
        "A\u030a",
        "\u212b",
        "ß",
        "ss",
        "ﬁ",
        "fi",
        "İ",
        "\u0131",
        "i",
        "I",
        "K",
        "k",
    ),
    *(
        "日本",
        "日本語",
        "😀",
        "👨‍👩‍👧",
        "\u202egpj.exe",
        "\ufeffa",
        "a\u200bb",
        "\ud800",
        "\udcff",
        "\udc80",
    ),
    *("%2e%2e", "%00", "a%20b", "a b", "a+b", "a&b", "a?b", "a#b", "a;b", "a=b", "a@b", "a:b"),
    *("$HOME", "`id`", "$(id)", "'; drop table", '"', "'", "<b>", "|", "*", "a*b", "[a]", "{a}"),
    *("2026-11-22", "2026-11-22-15:00", "2026|us", "20261122T1513-0001", "20261122t1513-0001"),
    *("us", "US", "Us", "photos", "Photos", "PHOTOS", "a" * 300, "A" * 300, "a" * 299, "é" * 300),
]
CONTROL = [f"x{chr(code)}y" for code in (*range(33), 127, 128, 0x85, 0xA0, 0x2028, 0x2029)]
PAIRS = [a + b for a, b in product("aA.-_ /%é", repeat=2)]
TRIPLES = [f"{a}{b}{c}" for a, b, c in product("aT.-0", "t/~ü", "A 9-:")]
REPEATED = [character * count for character in ".-_aA %é/😀" for count in (1, 3, 79, 80, 81, 255)]
ENDINGS = [f"{name}{ending}" for name in RESERVED for ending in (".", " ", "/", ".x", "-1", "~1")]
RESULTS = [safe_segment(text) for text in SPECIAL]
HOSTILE = sorted(
    {*RESERVED, *SPECIAL, *CONTROL, *PAIRS, *TRIPLES, *REPEATED, *ascii_letters, *ENDINGS}
    | {*RESULTS, *(segment.upper() for segment in RESULTS)}
)
SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


def is_good(segment: str) -> bool:
    base = segment.partition(".")[0].upper()
    return (
        SEGMENT.fullmatch(segment) is not None
        and not segment.endswith(".")
        and len(segment) <= 80
        and quote(segment, safe="") == segment
        and re.fullmatch(r"CON|PRN|AUX|NUL|COM\d|LPT\d", base) is None
    )


def as_macos_sees_it(segment: str) -> str:
    return unicodedata.normalize("NFD", segment).casefold()


def test_more_than_500_hostile_texts_become_good_segments_of_their_own() -> None:
    segments = {text: safe_segment(text) for text in HOSTILE}

    assert len(HOSTILE) > 500
    assert [text for text, segment in segments.items() if not is_good(segment)] == []
    assert len({as_macos_sees_it(segment) for segment in segments.values()}) == len(HOSTILE)


@given(st.text(), st.text())
def test_distinct_texts_have_distinct_segments_even_where_case_is_ignored(a: str, b: str) -> None:
    assert is_good(safe_segment(a))
    assert (as_macos_sees_it(safe_segment(a)) == as_macos_sees_it(safe_segment(b))) == (a == b)


@given(st.text(alphabet="abT09.-_", max_size=24), st.text(alphabet="abT09.-_", max_size=24))
def test_distinct_texts_of_safe_characters_have_distinct_segments(a: str, b: str) -> None:
    folded = [as_macos_sees_it(safe_segment(text)) for text in (a, b)]

    assert (folded[0] == folded[1]) == (a == b)


@pytest.mark.parametrize(
    "text", ["photos", "flipped", "_", "_uploads", "20261122T1513-0001", "2026-11-22", "v1.2_x-y"]
)
def test_a_safe_text_comes_back_unchanged(text: str) -> None:
    assert safe_segment(text) == text


def test_a_text_that_looks_like_the_segment_of_another_gets_a_digest_too() -> None:
    segment = safe_segment("a b")

    assert re.fullmatch(r"a-b--[0-9a-f]{12}", segment)
    assert safe_segment(segment) != segment


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Zürich / north", "Zurich-north"),
        ("Åse Øst Łódź", "Ase-Ost-Lodz"),
        ("US", "US"),
        ("2026-11-22-15:00", "2026-11-22-15-00"),
        ("日本", "_"),
        ("", "_"),
        ("con.jpg", "_con.jpg"),
    ],
)
def test_the_slug_of_an_unsafe_text_stays_readable(text: str, slug: str) -> None:
    assert safe_segment(text).rpartition("--")[0] == slug


@given(st.text(max_size=200))
def test_a_segment_has_at_most_eighty_characters(text: str) -> None:
    assert 1 <= len(safe_segment(text)) <= 80


@pytest.mark.parametrize(
    ("row", "stem"),
    [
        ("harbour.jpg", "harbour"),
        ("2026/Harbour at night.JPEG", "harbour-at-night"),
        ("C:\\photos\\IMG_0001.png", "img_0001"),
        ("archive.tar.gz", "archive.tar"),
        ("no-extension", "no-extension"),
        (".hidden.jpg", "hidden"),
        (".jpg", "jpg"),
        ("folder/", "folder"),
        ("日本.jpg", "row"),
        ("", "row"),
        ("../..", "row"),
        ("x" * 300 + ".jpg", "x" * 60),
    ],
)
def test_a_row_stem_is_the_readable_part_of_the_rows_name(row: str, stem: str) -> None:
    assert row_stem(row) == stem


@given(st.text())
def test_a_row_stem_is_never_empty_long_or_unsafe(row: str) -> None:
    assert re.fullmatch(r"[a-z0-9]([a-z0-9._-]{0,58}[a-z0-9_])?", row_stem(row))


@given(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE), st.sampled_from(HOSTILE))
def test_every_file_key_is_one_that_all_stores_take(table: str, partition: str, row: str) -> None:
    key = file_key(
        table=table, column="c", partition=partition, row=row, digest=DIGEST, extension="jpg"
    )

    check_key(key)
    assert all(is_good(segment) for segment in key.split("/")[:-1])
    assert key.endswith("-0123456789abcdef.jpg")


def test_a_file_key_names_table_column_partition_and_row() -> None:
    key = file_key(
        table="team/photos",
        column="flipped",
        partition="20261122T1513-0001",
        row="in/Harbour.png",
        digest=DIGEST,
        extension=".jpg",
    )

    assert key == "team/photos/flipped/20261122T1513-0001/harbour-0123456789abcdef.jpg"


def test_a_table_without_partitions_has_an_underscore_in_their_place() -> None:
    assert partition_prefix("photos", "flipped", None) == "photos/flipped/_/"


@pytest.mark.parametrize(
    ("digest", "extension"),
    [("abc", "jpg"), (DIGEST.upper(), "jpg"), (DIGEST, "j/g"), (DIGEST, "")],
)
def test_a_file_key_refuses_a_digest_or_extension_that_is_none(digest: str, extension: str) -> None:
    with pytest.raises(UnsafeKeyError):
        file_key(table="t", column="c", partition=None, row="r", digest=digest, extension=extension)


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", ".", "a/..", "../a", "a/./b", "a\0b", "a\nb"]
)
def test_a_key_that_a_store_could_mistake_is_refused(key: str) -> None:
    with pytest.raises(UnsafeKeyError):
        check_key(key)
