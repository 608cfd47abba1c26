"""What verbs print, for people and for programs."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from media_assets.home import NETWORKS_VARIABLE
from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.clouds.photos import jpeg
from media_assets_tests.fetch.site import answer, site
from media_assets_tests.photos import save_photo

CANARY = "canary4signature"
SIGNED = f"X-Amz-Date=1&X-Amz-Signature={CANARY}"
HOSTILE = "\x1b]0;PWNED\x07\x9b2J\u202egpj.ä日.png"
READING = (
    ("show", "photos"),
    ("show", "photos", "--long"),
    ("errors", "photos"),
    ("describe", "photos"),
    ("status",),
    ("plan",),
    ("verify", "photos", "--deep"),
)
FAILING = "raise ValueError(f'see {flipped.info} https://h/x?sig=" + CANARY + " \\x1b[2J\\u202e')"


PROGRAM = """
import sys
from media_assets.cli import main

words = sys.argv[1:]
while words:
    end = words.index(";")
    sys.argv, words, status = ["media-assets", *words[:end]], words[end + 1:], 0
    try:
        main()
    except SystemExit as ended:
        status = ended.code or 0
    for stream in (sys.stdout, sys.stderr):
        print(end=f"\\f{status}\\f", file=stream, flush=True)
"""


def called(*verbs: tuple[str | Path, ...], **variables: str) -> list[tuple[int, bytes, bytes]]:
    """Runs verbs in a process of their own, its output a pipe: status, output, errors of each."""
    words = [str(word) for verb in verbs for word in (*verb, ";")]
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        check=True,
        env={**os.environ, **variables},
    )
    outputs, errors = found.stdout.split(b"\f"), found.stderr.split(b"\f")
    return [(int(outputs[n + 1]), outputs[n], errors[n]) for n in range(0, 2 * len(verbs), 2)]


def test_no_verb_shows_the_signature_of_an_address(
    home: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NETWORKS_VARIABLE, "127.0.0.1/32")
    write_project(project, width_body=FAILING)
    options = ("-f", project)
    with site(answer(jpeg(), ETag='"1"')) as host:
        one, two = (f"{host.url(path)}?{SIGNED}" for path in ("/a/x.jpg", "/b/x.jpg"))
        told = [
            run("insert", "photos", one, two, *options),
            run("insert", "photos", f"{one}#{CANARY}", *options),
            run("insert", "photos", one, *options),
            run("materialize", "photos", "--partitions", "failed", *options),
            *(run(*verb, *options) for verb in READING),
            *(run(*verb, "--format", "csv", *options) for verb in READING),
            *(run(*verb, "--format", "json", *options) for verb in READING),
            run("gallery", "photos", *options),
            run("show", f"photos{one}", *options),
            run("show", "photos", one, *options),
            run("delete", "photos", one, *options),
            run("sql", f"from '{one}'", *options),
            run("check", *options),
            run("gc", *options),
            run("drop", "photos", "--yes", *options),
        ]
        kept = run("sql", "select 1 as n", *options)

    texts = [f"{outcome.output}{outcome.errors}" for outcome in told]
    assert [text for text in texts if CANARY in text] == []
    assert "x.jpg?***" in texts[0]
    assert any("x.jpg?***" in text for text in texts[4:11])
    gallery = (home / "media" / "gallery").rglob("*")
    pages = [path.read_text() for path in gallery if path.suffix in (".js", ".html")]
    assert len(pages) > 1
    assert not any(CANARY in page for page in pages)
    assert kept.exit_code == 0


def test_sql_returns_an_address_as_it_is(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NETWORKS_VARIABLE, "127.0.0.1/32")
    with site(answer(jpeg(), ETag='"1"')) as host:
        url = f"{host.url('/x.jpg')}?{SIGNED}"
        run("insert", "photos", url, "-f", project)

    query = "select source_image from photos"
    for output_format in ("csv", "json", "table"):
        assert url in run("sql", query, "--format", output_format).output


def test_no_verb_passes_control_characters_on(project: Path, tmp_path: Path) -> None:
    write_project(project, width_body=FAILING)
    save_photo(tmp_path / "uploads" / HOSTILE)
    save_photo(tmp_path / "more" / HOSTILE)
    options = ("-f", project)
    make(project, tmp_path / "uploads")

    told = [
        run("insert", "photos", tmp_path / "uploads", tmp_path / "more", *options),
        *(run(*verb, *options) for verb in READING),
        *(run(*verb, "--format", "json", *options) for verb in READING),
        run("sql", "select row, width, 'a\x1b[2J' as \"\x1b[1m\" from photos"),
        run("sql", "select \x1b[2J from \u202ephotos"),
        run("show", "photos", "\x1b[2J", *options),
        run("show", "\x1b[2J\u202e", *options),
        run("show", "photos", "--\x1b[2J", *options),
        run("delete", "photos", "\x1b]0;x\x07", *options),
        run("presign", "--table", "photos", "--column", "flipped", "--row", "\x9b2J",
            "--expires-in", "60", *options),
    ]  # fmt: skip

    texts = [f"{outcome.output}{outcome.errors}" for outcome in told]
    assert [text for text in texts if not text.replace("\n", "").isprintable()] == []
    assert any("\\x1b]0;PWNED\\x07\\x9b2J\\u202egpj.ä日.png" in text for text in texts)
    rows = json.loads(run("show", "photos", "--format", "json", *options).output)
    assert [row["row"] for row in rows] == [HOSTILE]


ODD = (
    "select 'a\x1b[1mb\r\n\"c\",d\u202e\x9b' as odd, '' as empty, null as nothing, "
    "0.1::double + 0.2::double as float, 1.7976931348623157e308::double as most, "
    "'inf'::double as up, '-inf'::double as down, 'nan'::double as none, "
    "9007199254740993 as whole, 1.25 as fraction, "
    "123456789012345678901234567890.123456 as long, "
    "[1, null] as list, {'a': 'nan'::double} as struct, 'ab'::blob as bytes, "
    "true as yes, '=1+1' as formula, date '2026-11-22' as day "
    "union all select * replace (null as whole) from (select null as odd, null as empty, null, "
    "null, null, null, null, null, null as whole, null, null, null, null, null, null, null, null)"
)


def test_csv_and_json_match_the_catalog_even_through_a_pipe(home: Path) -> None:
    kinds = ("csv", "json")
    verbs = [("sql", ODD, "--format", kind) for kind in kinds]
    told = dict(zip(kinds, called(*verbs), strict=True))

    assert [(code, errors) for code, _, errors in told.values()] == [(0, b"")] * 2
    lines = list(csv.reader(io.StringIO(told["csv"][1].decode(), newline="")))
    first, second = json.loads(told["json"][1], parse_constant=pytest.fail)
    assert lines[1] == [
        *('a\x1b[1mb\r\n"c",d\u202e\x9b', "", "", "0.30000000000000004"),
        *("1.7976931348623157e+308", "inf", "-inf", "nan", "9007199254740993", "1.25"),
        *("123456789012345678901234567890.123456", "[1, null]", '{"a": "NaN"}', "6162"),
        *("True", "=1+1", "2026-11-22"),
    ]
    assert list(first.values()) == [
        *('a\x1b[1mb\r\n"c",d\u202e\x9b', "", None, 0.1 + 0.2),
        *(1.7976931348623157e308, "Infinity", "-Infinity", "NaN", 9007199254740993, 1.25),
        *("123456789012345678901234567890.123456", [1, None], {"a": "NaN"}, "6162"),
        *(True, "=1+1", "2026-11-22"),
    ]
    assert set(second.values()) == {None}
    assert b',"",,' in told["csv"][1], "an empty text is no missing one"
    assert b"\x1b" not in told["json"][1]


def test_columns_of_one_name_are_told_apart(home: Path) -> None:
    assert run("sql", "select 1 as a, 2 as a, 3 as a", "--format", "csv").output == (
        "a,a_1,a_2\n1,2,3\n"
    )


OTHER_ENCODINGS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


def test_a_terminal_of_another_encoding_gets_no_traceback(project: Path, tmp_path: Path) -> None:
    write_project(project, width_body="raise ValueError('日本 ä \u202e')")
    save_photo(tmp_path / "uploads" / HOSTILE)
    make(project, tmp_path / "uploads")
    query = "select '日本 ä' as n"
    verbs = [*READING[:2], ("delete", "photos", "日本"), ("sql", query)]

    programs = [("show", "photos", "--format", kind) for kind in ("json", "csv")]
    for name, variables in OTHER_ENCODINGS.items():
        those = verbs if name == "ascii" else [READING[0], ("sql", query)]
        all_told = called(
            *[(*verb, *_located(verb, project)) for verb in (*those, *programs)], **variables
        )
        told, (as_json, as_csv) = all_told[:-2], all_told[-2:]
        texts = [output + errors for _, output, errors in told]

        assert [text for text in texts if b"Traceback" in text] == [], name
        assert b"\\u65e5" in texts[0], name
        lines = told[-1][1].decode(variables.get("PYTHONIOENCODING", "ascii")).splitlines()
        assert len({len(line) for line in lines}) == 1, "the table is aligned"
        assert json.loads(as_json[1].decode())[0]["row"] == HOSTILE
        assert HOSTILE in as_csv[1].decode()


def _located(verb: tuple[str, ...], project: Path) -> tuple[str | Path, ...]:
    return ("-f", project) if verb[0] != "sql" else ()


def test_programs_get_every_value_whole_and_people_get_the_size_of_bytes(home: Path) -> None:
    query = (
        "select '\\x00\\xFF'::blob as data, "
        "['0.1', 'nan', '3', '4', '5', '6', '7']::double[] as numbers, "
        "[1, 2]::float[2] as vector, {'x': 1, 'at': [date '2026-11-22']} as found, "
        "'{\"a\": [1, null]}'::json as anything"
    )

    in_json = json.loads(run("sql", query, "--format", "json").output)
    (in_csv,) = csv.DictReader(io.StringIO(run("sql", query, "--format", "csv").output))
    for_people = run("sql", query).output

    numbers = [0.1, "NaN", 3.0, 4.0, 5.0, 6.0, 7.0]
    found, anything = {"x": 1, "at": ["2026-11-22"]}, {"a": [1, None]}
    assert in_json == [
        {
            "data": "00ff",
            "numbers": numbers,
            "vector": [1.0, 2.0],
            "found": found,
            "anything": anything,
        }
    ]
    assert in_csv.pop("data") == "00ff"
    assert [json.loads(text) for text in in_csv.values()] == [
        numbers,
        [1.0, 2.0],
        found,
        anything,
    ]
    assert "2 bytes" in for_people
    assert "7 numbers]" in for_people
