"""How rows are named after files."""

from pathlib import Path

import pytest

from media_assets.errors import DeclarationError
from media_assets.row_names import Naming, path_as_given

SIGNED = "https://example.com/image?id=2&X-Amz-Signature=0a"


@pytest.mark.parametrize(
    ("rule", "row"),
    [
        (None, "a/1.jpg"),
        ("name", "a/1.jpg"),
        ("stem", "a/1"),
        ("path", "photos/a/1.jpg"),
        ("url", "example.com/image?id=2"),
        ("card1/{stem}-{name}", "card1/a/1-a/1.jpg"),
    ],
)
def test_a_rule_names_rows(rule: str | None, row: str) -> None:
    assert Naming.of(rule).row("a/1.jpg", uri=SIGNED, path="photos/a/1.jpg") == row


@pytest.mark.parametrize(
    "rule", ["", "names", "{}", "{row}", "{stem!r}", "{stem:>9}", "{stem", "{0}"]
)
def test_a_rule_that_names_no_row_is_refused(rule: str) -> None:
    with pytest.raises(DeclarationError, match="is not a rule for naming rows"):
        Naming.of(rule)


def test_a_url_without_a_scheme_names_storage_too() -> None:
    named = Naming.of("url").row("1.jpg", uri="s3://bucket/card/1.jpg", path="card/1.jpg")

    assert named == "bucket/card/1.jpg"


def test_a_path_is_what_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert path_as_given("./a.jpg") == "a.jpg"
    assert path_as_given("/card/./x/../a.jpg") == "/card/a.jpg"
    assert path_as_given("s3://bucket/card/", "2026/a.jpg") == "card/2026/a.jpg"
    assert path_as_given("../a.jpg") == str(tmp_path.parent / "a.jpg")
