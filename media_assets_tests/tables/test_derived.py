"""The life of parts: with their parent they come, stay and go, whatever happens to it."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from media_assets.catalog import Catalog
from media_assets.errors import (
    DeclarationError,
    InputNotMaterializedError,
    SameNameError,
    StoreFaultError,
    UnknownNameError,
)
from media_assets.io_manager import MediaIOManager
from media_assets.parts import Parts
from media_assets.tables.derived_step import step_class
from media_assets.tables.scanning import record
from media_assets.tables.staleness import Reason, stale_columns
from media_assets.tables.step import StepOptions
from media_assets.tables.table import MediaTable
from media_assets.upkeep.deletions import delete_rows
from media_assets.upkeep.retention import Retention
from media_assets.uploads.insert_sources import find_named
from media_assets_tests.retentions import tomorrow
from media_assets_tests.steps import NO_VERSIONS, made, run_step
from media_assets_tests.tables.derived_rows import (
    collected,
    errors_in,
    errors_of,
    insert,
    insert_with,
    rows,
    run,
    save,
    shown,
    stale,
    stored,
)
from media_assets_tests.tables.strips import Strips, strips


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    del home
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def splitter() -> Strips:
    return strips()


@pytest.fixture
def photos() -> MediaTable:
    return MediaTable("photos")


@pytest.fixture
def cut(photos: MediaTable, splitter: Strips) -> MediaTable:
    return with_shade(photos.derived_table("strips", splitter))


def with_shade(cut: MediaTable) -> MediaTable:
    @cut.computed_column(code_version="1")
    def shade(strip: Image.Image) -> int:
        pixel = strip.getpixel((0, 0))
        assert isinstance(pixel, int)
        return pixel

    return cut


def test_parts_are_rows_with_their_files_and_index_values(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    partition = insert(photos, save(folder, "a.png", 7), save(folder, "b.png", 9, height=4))

    assert run(photos, cut, partition=partition) == [2, 8]
    assert shown(columns="row, parent, top, shade") == [
        ("a.png/0000", "a.png", 0, 7),
        ("a.png/0004", "a.png", 4, 7),
        ("a.png/0008", "a.png", 8, 7),
        ("b.png/0000", "b.png", 0, 9),
    ]
    query = (
        "select width, height, format from media_assets.files "
        "where \"column\" = 'strip' order by row"
    )
    facts = [tuple(line) for line in Catalog.open().sql(query).itertuples(index=False)]
    assert facts == [(4, 4, "PNG"), (4, 4, "PNG"), (4, 2, "PNG"), (4, 4, "PNG")]


def test_a_run_over_parts_that_are_right_opens_no_parent(
    folder: Path, photos: MediaTable, cut: MediaTable, splitter: Strips
) -> None:
    partition = insert(photos, save(folder, "a.png", 7))
    run(photos, cut, partition=partition)

    assert run(photos, cut, partition=partition) == [0, 0]
    assert len(splitter.opened) == 1
    assert stale(cut, partition) == {}


def test_a_new_column_of_stored_parts_opens_no_parent(
    folder: Path, photos: MediaTable, cut: MediaTable, splitter: Strips
) -> None:
    partition = insert(photos, save(folder, "a.png", 7))
    run(photos, cut, partition=partition)

    @cut.computed_column()
    def width(strip: Image.Image) -> int:
        return strip.width

    assert run(cut, partition=partition) == [3]
    assert len(splitter.opened) == 1
    assert shown(columns="width") == [(4,)] * 3


def test_a_replaced_parent_takes_its_parts_with_it_and_no_others(
    folder: Path, photos: MediaTable, cut: MediaTable, splitter: Strips
) -> None:
    partition = insert(photos, save(folder, "a.png", 7), save(folder, "b.png", 9))
    run(photos, cut, partition=partition)

    insert(photos, save(folder, "a.png", 8, height=4, at=2 * 10**18))

    assert rows() == ["b.png/0000", "b.png/0004", "b.png/0008"], "at once, before any run"
    assert stale(cut, partition)["strip"] == {Reason.MISSING: ["a.png"]}
    assert run(photos, cut, partition=partition) == [1, 2]
    assert shown()[0] == ("a.png/0000", 8)
    assert len(rows()) == 4
    assert len(splitter.opened) == 3


def test_a_deleted_parent_takes_its_parts_with_it_and_gc_their_files(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    partition = insert(photos, save(folder, "a.png", 7), save(folder, "b.png", 9))
    run(photos, cut, partition=partition)
    files = {str(url) for (url,) in shown(columns="strip")}

    delete_rows(stored(photos), "source_image", ["a.png"])

    assert rows() == ["b.png/0000", "b.png/0004", "b.png/0008"]
    gone = files - {str(url) for (url,) in shown(columns="strip")}
    assert len(gone) == 3
    assert collected(cut) >= gone, "without any run in between"
    assert len(rows()) == 3
    assert run(cut, partition=partition) == [0]


def test_a_deleted_parent_that_comes_back_brings_its_parts_without_being_split_again(
    folder: Path, photos: MediaTable, cut: MediaTable, splitter: Strips
) -> None:
    partition = insert(photos, save(folder, "a.png", 7))
    run(photos, cut, partition=partition)
    delete_rows(stored(photos), "source_image", ["a.png"])

    insert(photos, folder / "a.png")
    assert rows() == []

    assert run(photos, cut, partition=partition)[1] == 0
    assert len(rows()) == 3
    assert len(splitter.opened) == 1


def test_a_parent_that_moved_keeps_its_parts(
    folder: Path, photos: MediaTable, cut: MediaTable, splitter: Strips
) -> None:
    partition = insert(photos, save(folder, "a.png", 7))
    run(photos, cut, partition=partition)

    (folder / "new").mkdir()
    (folder / "a.png").rename(folder / "new" / "a.png")
    insert(photos, folder / "new" / "a.png")

    assert len(rows()) == 3
    assert run(photos, cut, partition=partition) == [0, 0]
    assert len(rows()) == 3
    assert len(splitter.opened) == 1


def test_parts_that_stand_are_kept_when_others_are_chosen(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    partition = insert(photos, save(folder, "a.png", 7))
    run(photos, cut, partition=partition)

    other = strips(2)
    finer = with_shade(MediaTable("photos").derived_table("strips", other))

    assert stale(finer, partition)["strip"] == {Reason.CODE: ["a.png"]}
    assert run(finer, partition=partition) == [4]
    assert other.cut == ["0002", "0006"]
    assert rows() == [f"a.png/{top:04}" for top in (0, 2, 4, 6, 8)]
    assert run(cut, partition=partition) == [0], "and back: parts that vanish leave"
    assert rows() == [f"a.png/{top:04}" for top in (0, 4, 8)]


def test_what_reads_parts_that_are_made_again_and_come_out_equal_is_left_alone(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    partition = insert(photos, save(folder, "a.png", 7))
    run(photos, cut, partition=partition)

    again = strips(part_version="other code, the same strips")
    remade = with_shade(MediaTable("photos").derived_table("strips", again))
    outputs = run_step(remade, partition)

    assert again.cut == ["0000", "0004", "0008"]
    assert [(o.committed.made, o.committed.equal) for o in outputs] == [(3, 3), (0, 0)]


def test_a_parent_without_parts_makes_no_row_and_is_not_split_again(
    folder: Path, photos: MediaTable, splitter: Strips
) -> None:
    table = MediaTable("photos", values={"kind": str})
    cut = with_shade(table.derived_table("strips", splitter, where="kind = 'scan'"))
    partition = insert_with(table, save(folder, "a.png", 7), kind="photo")

    assert run(table, cut, partition=partition) == [1, 0]
    assert run(cut, partition=partition) == [0]
    assert rows() == []
    assert splitter.opened == []
    assert stale(cut, partition) == {}


def test_an_unreadable_parent_is_one_error_row_until_it_is_healed(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    good = save(folder, "a.png", 7).read_bytes()
    (folder / "a.png").write_bytes(good[:40])
    partition = insert(photos, folder / "a.png")

    run(photos, cut, partition=partition)
    assert rows() == ["a.png"]
    (error,) = errors_of(cut, partition)
    assert error.row == "a.png"
    assert (error.error_message or "").endswith("See the error of 'source_image'.")
    assert run(cut, partition=partition) == [0], "nothing has changed"

    (folder / "a.png").write_bytes(good)
    insert(photos, folder / "a.png")
    run(photos, cut, partition=partition)
    assert rows() == ["a.png/0000", "a.png/0004", "a.png/0008"]


def test_a_splitter_that_raises_in_the_middle_leaves_one_error_row(
    folder: Path, photos: MediaTable
) -> None:
    cut = with_shade(photos.derived_table("strips", strips(fails_at=2)))
    partition = insert(photos, save(folder, "a.png", 7), save(folder, "b.png", 9, height=4))

    run(photos, cut, partition=partition)

    assert rows() == ["a.png", "b.png/0000"]
    (error,) = errors_of(cut, partition)
    assert error.error_class == "ValueError"
    assert "torn" in (error.error_message or "")
    healed = with_shade(MediaTable("photos").derived_table("strips", strips()))
    run(healed, partition=partition)
    assert rows() == ["a.png/0000", "a.png/0004", "a.png/0008", "b.png/0000"]


def test_two_parts_of_one_key_are_an_error_of_their_parent(
    folder: Path, photos: MediaTable
) -> None:
    cut = photos.derived_table("strips", strips(same_key=True))
    partition = insert(photos, save(folder, "a.png", 7))

    run(photos, cut, partition=partition)

    (error,) = errors_of(cut, partition)
    assert (error.row, error.error_class) == ("a.png", "PartKeyError")


def test_more_parts_than_allowed_are_an_error_of_their_parent(
    folder: Path, photos: MediaTable, splitter: Strips
) -> None:
    cut = photos.derived_table("strips", splitter, max_parts=2)
    partition = insert(photos, save(folder, "a.png", 7), save(folder, "b.png", 9, height=8))

    run(photos, cut, partition=partition)

    (error,) = errors_of(cut, partition)
    assert (error.row, error.error_class) == ("a.png", "PartsTooManyError")
    assert rows() == ["a.png", "b.png/0000", "b.png/0004"]


def test_a_part_and_an_upload_named_like_it_are_different_rows(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    save(folder, "a.png", 7, height=4)
    save(folder, "a.png.d", 9, height=4).rename(folder / "b.png")
    partition = insert(photos, folder / "a.png")
    table = stored(photos)
    (folder / "c.png").write_bytes(b"broken")
    reader = MediaIOManager().installation.reader
    found = find_named([str(folder / "c.png")], reader, name="a.png/0000")
    record(MediaIOManager().installation, photos, found, is_named=True)
    partitions = sorted([*table.partitions(), partition])

    for each in dict.fromkeys(partitions):
        run(photos, cut, partition=each)

    assert rows() == ["a.png/0000", "a.png/0000/error"]


def test_what_a_run_made_before_it_failed_is_not_made_again(
    folder: Path, photos: MediaTable
) -> None:
    full = StoreFaultError("file:///full", action="write", reason="it is full")
    cut = photos.derived_table("strips", strips(fails_at=2, error=full))
    partition = insert(photos, save(folder, "a.png", 7, height=20))
    run(photos, partition=partition)
    with pytest.raises(StoreFaultError):
        run(cut, partition=partition)

    healed = strips()
    again = MediaTable("photos").derived_table("strips", healed)
    run(again, partition=partition)

    assert healed.cut == ["0008", "0012", "0016"]
    assert len(rows()) == 5


def test_two_runs_of_one_partition_leave_the_parts_of_one_of_them(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    partition = insert(photos, save(folder, "a.png", 7))
    run(photos, partition=partition)
    finer = with_shade(MediaTable("photos").derived_table("strips", strips(2)))
    steps = [
        step_class(table)(
            MediaIOManager().installation,
            table,
            partition,
            table.columns,
            run_id="a-run",
            options=StepOptions(),
            log=logging.getLogger("test"),
        )
        for table in (cut, finer)
    ]

    for step in reversed(steps):
        list(step.run())

    assert rows() == [f"a.png/{top:04}" for top in (0, 4, 8)]
    assert len(shown()) == 3
    assert run(cut, partition=partition) == [0]


def test_functions_of_parts_read_what_their_parent_has_unless_they_have_it_themselves(
    folder: Path, splitter: Strips
) -> None:
    photos = MediaTable("photos", values={"title": str})

    @photos.computed_column()
    def height(source_image: Image.Image) -> int:
        return source_image.height

    @photos.computed_column(name="size")
    def unread(source_image: Image.Image) -> int:
        return -1

    cut = photos.derived_table("strips", splitter)

    @cut.computed_column()
    def size(strip: Image.Image) -> int:
        return strip.height

    @cut.computed_column()
    def label(size: int, height: int, title: str, top: int, source_image: Image.Image) -> str:
        return f"{title} {top}: {size} of {height} of {source_image.size}"

    partition = insert_with(photos, save(folder, "a.png", 7, height=6), title="cat")
    run(photos, cut, partition=partition)

    assert shown(columns="label, title, height, size") == [
        ("cat 0: 4 of 6 of (4, 6)", "cat", 6, 4),
        ("cat 4: 2 of 6 of (4, 6)", "cat", 6, 2),
    ], "and its view has them, too"
    assert run(cut, partition=partition) == [0]


def test_parts_of_parts_follow_their_parents_parent(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    tips = cut.derived_table("tips", strips(1), source="tip")
    partition = insert(photos, save(folder, "a.png", 7, height=5))

    run(photos, cut, tips, partition=partition)
    assert rows("photos/strips/tips") == [
        *(f"a.png/0000/{top:04}" for top in range(4)),
        "a.png/0004/0000",
    ]
    assert run(photos, cut, tips, partition=partition) == [0, 0, 0]

    insert(photos, save(folder, "a.png", 8, height=2, at=2 * 10**18))
    assert rows("photos/strips/tips") == []
    run(photos, cut, tips, partition=partition)
    assert rows("photos/strips/tips") == ["a.png/0000/0000", "a.png/0000/0001"]


def test_a_column_of_parts_needs_the_columns_of_parents_that_it_reads(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    partition = insert(photos, save(folder, "a.png", 7))

    with pytest.raises(InputNotMaterializedError, match="photos/source_image"):
        run(cut, partition=partition)
    run(photos, partition=partition)
    with pytest.raises(UnknownNameError, match="in the upload log of 'photos'"):
        run(cut, partition="other")


def test_names_that_mean_two_things_are_refused_when_declared(
    photos: MediaTable, splitter: Strips
) -> None:
    cut = photos.derived_table("strips", splitter)

    with pytest.raises(SameNameError):
        photos.derived_table("strips", splitter)
    with pytest.raises(SameNameError):

        @photos.computed_column(name="strips")
        def other(source_image: Image.Image) -> int:
            return 1

    same = cut.derived_table("again", splitter)
    with pytest.raises(DeclarationError, match="Name the column of the parts by source="):
        _ = same.columns
    with pytest.raises(DeclarationError, match="splits images, but table 'films' holds videos"):
        MediaTable("films", media="video").derived_table("strips", splitter)


class Half(NamedTuple):
    """A part of a function of one's own."""

    half: Image.Image
    side: str
    key: str


def test_a_function_of_ones_own_splits_rows_by_any_of_their_columns(
    folder: Path, photos: MediaTable
) -> None:
    @photos.computed_column()
    def middle(source_image: Image.Image) -> int:
        return source_image.height // 2

    @photos.derived_table()
    def halves(source_image: Image.Image, middle: int, row: str) -> Iterator[Half]:
        if row == "b.png":
            raise OSError(5, "no halves")
        width, height = source_image.size
        yield Half(source_image.crop((0, 0, width, middle)), "top", "a")
        yield Half(source_image.crop((0, middle, width, height)), "bottom", "b")

    partition = insert(photos, save(folder, "a.png", 7), save(folder, "b.png", 9))
    run(photos, halves, partition=partition)

    query = "from media_assets.errors select row, error_class, error_message"
    (error,) = Catalog.open().sql(query).itertuples(index=False)
    assert tuple(error[:2]) == ("b.png", "OSError")
    assert "Row function 'half' raised OSError for row 'b.png': [Errno 5] no halves" in error[2]
    assert shown("photos/halves", "row, side") == [
        ("a.png/a", "top"),
        ("a.png/b", "bottom"),
        ("b.png", None),
    ]


def test_a_column_that_reads_the_parts_of_its_row_follows_them_and_only_them(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    calls: list[str] = []

    @photos.computed_column()
    def lowest(strips: Parts, row: str) -> Image.Image:
        calls.append(row)
        assert [part.top for part in strips] == [0, 4, 8]
        assert strips[0].key == "0000"
        assert {part.shade for part in strips} == {strips[0].shade}
        return min(strips, key=lambda part: part.strip.height).strip

    @cut.computed_column()
    def late(lowest: Image.Image) -> int:
        return lowest.height

    partition = insert(photos, save(folder, "a.png", 7), save(folder, "b.png", 9))
    made(run_step(photos, partition, ("source_image",)))
    made(run_step(cut, partition, ("strip", "shade")))
    assert run(photos, partition=partition) == [2]
    run(cut, partition=partition)
    assert shown("photos/strips", "late") == [(2,)] * 6
    assert stale(photos, partition) == {}

    insert(photos, save(folder, "a.png", 8, at=2 * 10**18))
    made(run_step(photos, partition, ("source_image",)))
    calls.clear()
    assert run(photos, partition=partition) == [1]
    assert calls == [], "its parts are of what it was before"
    assert [error.row for error in errors_in(photos, "lowest", partition)] == ["a.png"]

    made(run_step(cut, partition, ("strip", "shade")))
    assert run(photos, partition=partition) == [1]
    assert calls == ["a.png"]


def test_a_parent_that_leaves_while_staleness_is_read_takes_its_parts_along(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    partition = insert(photos, save(folder, "a.png", 7), save(folder, "b.png", 9))
    run(photos, cut, partition=partition)
    opened = stored(cut)
    assert len(opened.live_rows(partition)) == 6

    delete_rows(stored(photos), "source_image", ["a.png"])

    (found, _) = stale_columns(cut, opened, NO_VERSIONS, partition)
    assert (found.rows, dict(found.stale)) == (6, {}), "as they were when the table was opened"
    assert stale(cut, partition) == {}


def test_collection_keeps_the_parts_of_parents_that_came_within_its_grace(
    folder: Path, photos: MediaTable, cut: MediaTable
) -> None:
    tips = cut.derived_table("tips", strips(2), source="tip")
    partition = insert(photos, save(folder, "a.png", 7), save(folder, "b.png", 9))
    run(photos, cut, tips, partition=partition)
    insert(photos, save(folder, "a.png", 8, at=2 * 10**18))
    delete_rows(stored(photos), "source_image", ["b.png"])
    run(photos, cut, tips, partition=partition)

    assert collected(cut, Retention()) == collected(tips, Retention()) == set()

    assert [len(of_row) for of_row in (shown(), shown("photos/strips/tips", "tip"))] == [3, 5]
    assert run(cut, tips, partition=partition) == [0, 0], "no cell has gone"
    collected(cut, tomorrow())
    assert run(cut, tips, partition=partition) == [0, 0], "nor after a day"
