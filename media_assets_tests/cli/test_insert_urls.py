"""`media-assets insert` of http(s) URLs: what is let in, and how what is not is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from media_assets.home import CACHE_VARIABLE, NETWORKS_VARIABLE
from media_assets_tests.cli.verbs import Outcome, run
from media_assets_tests.clouds.photos import jpeg
from media_assets_tests.fetch.site import Reply, Site, answer, redirect, site
from media_assets_tests.runs import catalog


@pytest.fixture(autouse=True)
def allowed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project whose environment lets it ask hosts on this machine, and nothing else."""
    monkeypatch.setenv(NETWORKS_VARIABLE, "127.0.0.1/32, ::1")


@pytest.fixture
def host(request: pytest.FixtureRequest) -> Iterator[Site]:
    reply: Reply = request.param
    with site(reply) as running:
        yield running


def told(outcome: Outcome) -> str:
    """What an insert that recorded nothing says: one line, no trace."""
    assert outcome.exit_code == 1
    assert outcome.output == ""
    assert outcome.errors.startswith("Error: ")
    assert outcome.errors.count("\n") == 1
    return outcome.errors


@pytest.mark.parametrize("host", [answer(jpeg(), ETag='"1"')], indirect=True)
def test_a_url_of_a_network_that_the_environment_allows_becomes_a_row(
    project: Path, host: Site
) -> None:
    outcome = run("insert", "photos", host.url("/harbour.jpg?token=1"), "-f", project)

    assert outcome.first_line.startswith("Inserted 1 row with 0 errors")
    assert catalog().sql("select row, width from photos").to_numpy().tolist() == [
        ["harbour.jpg", 48]
    ]


@pytest.mark.parametrize("host", [answer(jpeg())], indirect=True)
def test_a_private_host_is_refused_and_the_setting_is_named(
    project: Path, host: Site, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(NETWORKS_VARIABLE)

    said = told(run("insert", "photos", host.url("/a.jpg?token=private"), "-f", project))

    assert "127.0.0.1" in said
    assert NETWORKS_VARIABLE in said
    assert "private" not in said.replace("private network", "")
    assert host.requests == []
    assert not (home / "media/catalog").exists()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (answer(status=404), "does not exist: its host answered with status 404"),
        (answer(status=403), "cannot be read: its host answered with status 403"),
        (answer(status=418), "gives no file: its host answered with status 418"),
        (redirect("http://169.254.169.254/latest/meta-data/"), "169.254.169.254"),
        (redirect("file:///etc/passwd"), "is refused"),
    ],
    indirect=["host"],
)
def test_a_failed_download_is_reported_and_nothing_is_recorded(
    project: Path, host: Site, home: Path, expected: str
) -> None:
    said = told(run("insert", "photos", host.url("/a.jpg"), "-f", project))

    assert expected in said
    assert not (home / "media/catalog").exists()


@pytest.mark.parametrize("host", [answer(b"<html>no photo</html>")], indirect=True)
def test_what_is_no_image_becomes_an_error_row(project: Path, host: Site) -> None:
    outcome = run("insert", "photos", host.url("/a.jpg"), "-f", project)

    assert outcome.first_line.startswith("Inserted 1 row with 1 error")
    assert run("errors", "photos", "-f", project, "--format", "csv").output.splitlines()[1:]


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        (NETWORKS_VARIABLE, "10.1.2.3/16", "10.1.0.0/16"),
        (NETWORKS_VARIABLE, "my-network", "10.1.0.0/16"),
        (CACHE_VARIABLE, "20 GB", "21474836480"),
    ],
)
def test_an_invalid_setting_is_reported_with_a_valid_example(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, fix: str
) -> None:
    monkeypatch.setenv(name, value)

    said = told(run("insert", "photos", "https://example.com/a.jpg", "-f", project))

    assert repr(value) in said
    assert f"for example to {fix!r}" in said
