"""The folders of partitions: where their uploads are, and which partition a path is in."""

from pathlib import Path

import dagster as dg
import pytest

from media_assets.errors import DeclarationError, UploadError
from media_assets.partitioning import Partitions
from media_assets.tables.table import MediaTable
from media_assets.upload_folders import UploadFolders

DAYS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-03-01")
CAMERAS = dg.StaticPartitionsDefinition(["north", "south"])


def multi(**dimensions: dg.PartitionsDefinition) -> dg.MultiPartitionsDefinition:
    return dg.MultiPartitionsDefinition(dimensions)


def static(*keys: str) -> dg.StaticPartitionsDefinition:
    return dg.StaticPartitionsDefinition(list(keys))


def folders(uploads: str, partitions: Partitions) -> UploadFolders:
    found = MediaTable("photos", uploads=uploads, partitions=partitions).partitioning.folders
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("uploads", "definition", "partition", "folder"),
    [
        ("{day}/{cam}/", multi(day=DAYS, cam=CAMERAS), "north|2026-01-02", "2026-01-02/north/"),
        ("{cam}/raw/{day}", multi(day=DAYS, cam=CAMERAS), "south|2026-01-02",
         "south/raw/2026-01-02/"),
        ("{day}-{cam}/in", multi(day=DAYS, cam=CAMERAS), "north|2026-01-02",
         "2026-01-02-north/in/"),
        ("{day}{cam}/", multi(day=DAYS, cam=CAMERAS), "north|2026-01-02", "2026-01-02north/"),
        ("{cam}/{day}/{cam}-raw/", multi(day=DAYS, cam=CAMERAS), "north|2026-01-02",
         "north/2026-01-02/north-raw/"),
        ("{partition_key}/", multi(day=DAYS, cam=CAMERAS), "north|2026-01-02", "north|2026-01-02/"),
        ("{day}/", multi(day=DAYS, cam=static("only")), "only|2026-01-02", "2026-01-02/"),
        ("{size}/{cam}/", multi(size=static("s", "m"), cam=CAMERAS), "north|s", "s/north/"),
        ("{a day}/{cam}/", multi(**{"a day": DAYS}, cam=CAMERAS), "2026-01-02|north",
         "2026-01-02/north/"),
        ("{day}/{cam}/", multi(day=DAYS, cam=static("a/b", "c d", "Zürich", "50%", "x?y#z")),
         "a/b|2026-01-02", "2026-01-02/a/b/"),
        ("{day}/{cam}/", multi(day=DAYS, cam=static("c d", "Zürich", "50%25", "x?y#z")),
         "x?y#z|2026-01-02", "2026-01-02/x?y#z/"),
        ("{day}/{cam}/", multi(day=DAYS, cam=dg.DynamicPartitionsDefinition(name="cams")),
         "new|2026-01-02", "2026-01-02/new/"),
        ("{{not this}}/{day}/{{nor}}-{cam}", multi(day=DAYS, cam=CAMERAS), "north|2026-01-02",
         "2026-01-02/{nor}-north/"),
    ],
)  # fmt: skip
def test_a_folder_is_read_as_the_partition_that_it_was_written_for(
    uploads: str, definition: dg.PartitionsDefinition, partition: str, folder: str
) -> None:
    made = folders(f"s3://bucket/in/{uploads}", definition)

    assert made.folder(partition) == folder
    assert made.partition_of(f"{folder}deep/a.jpg") == partition
    assert not made.partition_of(f"beside/{folder}a.jpg")
    assert not made.partition_of(folder.removesuffix("/"))


def test_the_first_brace_begins_what_rows_are_named_by() -> None:
    table = MediaTable(
        "t", uploads="/in/{{a}}/x-{day}/{cam}", partitions=multi(day=DAYS, cam=CAMERAS)
    )

    assert table.partitioning.uploads == "/in/{a}/"
    assert MediaTable("t", uploads="/in/{{a}}/").partitioning.uploads == "/in/{a}/"


def test_a_uris_percent_signs_mean_what_they_mean_in_its_beginning() -> None:
    made = folders("https://host/b/{day}/r%20w/{cam}", multi(day=DAYS, cam=static("50%20")))

    assert made.folder("50%20|2026-01-02") == "2026-01-02/r w/50%20/"


@pytest.mark.parametrize(
    ("uploads", "definition", "said"),
    [
        ("/in/{dya}/{cam}/", multi(day=DAYS, cam=CAMERAS),
         "names 'dya'.*In braces: {cam} and {day}, or {partition_key} alone"),
        ("/in/{day}/", DAYS, "names 'day'.*In braces: {partition_key}"),
        ("/in/{day:x}/{cam}/", multi(day=DAYS, cam=CAMERAS), "names 'day'"),
        ("/in/{day/{cam}/", multi(day=DAYS, cam=CAMERAS), "has an unmatched brace"),
        ("/in/{}/", DAYS, "names ''"),
        ("/in/{day}/", multi(day=DAYS, cam=CAMERAS), "leaves out 'cam'.*share a folder"),
        ("/in/{cam}/", multi(day=DAYS, cam=CAMERAS), "leaves out 'day'"),
        ("/in/{day}/", multi(day=DAYS, cam=dg.DynamicPartitionsDefinition(name="c")), "out 'cam'"),
        ("/in/{partition_key}/{cam}/", multi(day=DAYS, cam=CAMERAS), "and its dimensions"),
        ("/in/{partition_key}/{b}/", multi(partition_key=DAYS, b=CAMERAS), "and its dimensions"),
        ("/in/{day}/", None, "names 'day'.*Nothing in braces"),
        ("/in/{day}/", "uploads", "names 'day'.*Nothing in braces"),
        ("/in/{a}-{b}/", multi(a=static("x", "x-y"), b=static("y-z", "z")),
         r"no folder of its own: 'x-y-z/' is that of partition 'x\|y-z'"),
        ("/in/{cam}/", multi(cam=static("a", "a/b"), b=static("only")), r"of partition 'only\|a'"),
        ("/in/{partition_key}/", static("a", "a/b"), "'a/b/' is that of partition 'a'"),
        ("/in/{partition_key}/", static(".cam"), "is hidden"),
        ("/in/{partition_key}/", static("a/../b"), "is hidden"),
        ("/in/{partition_key}/", static("a//b"), "has an empty folder name"),
        ("/in/{partition_key}/", static("/a"), "has an empty folder name"),
        ("/in/{partition_key}/", static("a\x02b"), "contains a control character"),
        ("/in/{partition_key}/", static("ü" * 128), "a name that is too long"),
        ("/in/{day}/{cam}/", multi(day=DAYS, cam=static("")), "has an empty folder name"),
        ("/in/{m}/{cam}/",
         multi(m=dg.TimeWindowPartitionsDefinition(
             start="2026|01", fmt="%Y|%m", cron_schedule="0 0 1 * *"), cam=CAMERAS),
         r"uses 'm', whose keys contain '\|'"),
    ],
)  # fmt: skip
def test_an_ambiguous_template_is_refused_at_declaration(
    uploads: str, definition: Partitions, said: str
) -> None:
    with pytest.raises(DeclarationError, match=rf"(?s)'photos'.*{said}"):
        MediaTable("photos", uploads=uploads, partitions=definition)


def test_dagster_refuses_keys_that_multi_keys_cannot_contain() -> None:
    with pytest.raises(dg.DagsterInvalidDefinitionError, match=r"the following characters: \|"):
        multi(day=DAYS, cam=static("a|b"))


def test_a_dynamic_key_cannot_be_a_folder_within_anothers() -> None:
    made = folders(
        "/in/{day}/{cam}/", multi(day=DAYS, cam=dg.DynamicPartitionsDefinition(name="c"))
    )

    assert made.partition_of("2026-01-02/a/b/c.jpg") == "a|2026-01-02"
    assert not made.partition_of("2026-01-02/a|b/c.jpg")
    for key, said in {"a/b": r"is that of partition 'a\|", ".a": "is hidden"}.items():
        with pytest.raises(UploadError, match=said):
            made.folder(f"{key}|2026-01-02")


def test_a_name_in_no_partition_is_refused_with_an_example(home: Path, tmp_path: Path) -> None:
    table = MediaTable(
        "photos", uploads=f"{tmp_path}/{{day}}/{{cam}}", partitions=multi(day=DAYS, cam=CAMERAS)
    )
    assert table.partitioning.partition_of is not None

    with pytest.raises(UploadError, match=r"for example 2026-01-01/north/photo.jpg"):
        table.partitioning.partition_of("2026-01-01/west/a.jpg")
