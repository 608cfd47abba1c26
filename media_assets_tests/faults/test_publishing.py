"""Kills while files are published, and writers that want one name at the same moment."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from signal import SIGKILL
from threading import Barrier

import pytest

from media_assets.destinations import parse_destination
from media_assets.errors import PublishError
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Manifest, commit_manifest
from media_assets.records.publications import Publications
from media_assets.stores import Storage
from media_assets.threads import Threads
from media_assets_tests.catalogs import header
from media_assets_tests.clouds.photos import content
from media_assets_tests.clouds.test_publishing import (
    collected,
    insert,
    published,
    publishing,
    stored,
)
from media_assets_tests.faults.kills import Point, die_in
from media_assets_tests.photos import save_photo
from media_assets_tests.steps import run_step
from media_assets_tests.stored import put_file

_FILE = "media_assets/records/publications.py"
POINTS = [
    Point("the run says that it will publish", _FILE, "Publications.begin"),
    Point("the manifest is placed", "media_assets/records/ledger.py", "Ledger.claim"),
    Point("the first name is claimed", _FILE, "Publications._claim_one"),
    Point("the last name is claimed", _FILE, "Publications._claim_one", 3),
    Point("the first copy is made", _FILE, "Publications._copy"),
    Point("the last copy is made", _FILE, "Publications._copy", 3),
    Point("old names are removed", _FILE, "Publications.remove"),
]


def step(home: Path, destination: str, publish: str, partition: str) -> None:
    os.environ["DAGSTER_HOME"] = str(home)
    run_step(publishing(destination, publish), partition)


@pytest.mark.parametrize("by", ["the next run", "gc"])
@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.what)
def test_what_a_killed_run_published_is_completed_and_nothing_else_stays(
    home: Path, tmp_path: Path, point: Point, by: str
) -> None:
    place, new = f"{tmp_path}/out/", "web/new-{row_stem}.jpg"
    photos = [save_photo(tmp_path / f"in/{name}.jpg", seed) for seed, name in enumerate("abc")]
    partition = insert(publishing(place), *photos)
    run_step(publishing(place), partition)
    assert published(place) == ["a.jpg", "b.jpg", "c.jpg"]

    killed = die_in(point, partial(step, home, place, new, partition))
    if by == "the next run":
        run_step(publishing(place, new), partition)
    collected()

    assert killed == -SIGKILL, "the point was never reached"
    # A run that was killed before its commit has changed nothing.
    is_old = by == "gc" and point is POINTS[0]
    names = [f"{'' if is_old else 'new-'}{name}.jpg" for name in "abc"]
    assert published(place) == names
    cells = stored().cells("flipped", partition)
    assert all(content(cell.published) == content(cell.fileurl) for cell in cells.values())
    column = Publications(stored().root, Storage(), "photos", "flipped")
    assert sorted(claim.fileurl for claim in column.read(column.claims())) == sorted(
        cell.published or "" for cell in cells.values()
    )
    assert column.unfinished() == {}


@pytest.fixture(params=["file", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"{tmp_path}/out/" if request.param == "file" else "memory://race/out/"


def test_of_writers_that_want_one_name_at_once_one_gets_it(
    home: Path, place: str, tmp_path: Path
) -> None:
    root, destination = CatalogRoot.open(str(tmp_path / "catalog")), parse_destination(place)

    def publishes(column: str, row: str, barrier: Barrier) -> Callable[[], bool]:
        name = destination.fileurl(destination.key(f"web/{column}.jpg"))
        record = replace(
            put_file(root, place, row, f"{column} {row}", column=column, partition=row),
            published=name,
            format="JPEG",
        )
        manifest: Manifest = commit_manifest(
            root.ledger("photos", column, row), header(column, row), {row: record}, base=None
        )
        one = Publications(root, Storage(), "photos", column)

        def run() -> bool:
            barrier.wait()
            try:
                one.publish(manifest, note=one.begin(row))
            except PublishError:
                return False
            return True

        return run

    for number in range(5):
        column, rows = f"column{number}", ["a", "b", "c", "d"]
        barrier = Barrier(len(rows))
        runs = [publishes(column, row, barrier) for row in rows]
        with Threads(len(rows)) as pool:
            won = [future.result() for future in [pool.submit(run) for run in runs]]

        (winner,) = [row for row, has_won in zip(rows, won, strict=True) if has_won]
        name = destination.fileurl(destination.key(f"web/{column}.jpg"))
        assert content(name) == f"{column} {winner}".encode()
