"""A table as notebooks show it."""

import copy
import pickle
from base64 import b64decode
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from re import findall
from typing import Any

import duckdb
import pandas as pd
import pytest
from PIL import Image

from media_assets.catalog import Catalog
from media_assets.catalog.frame import MediaFrame
from media_assets.catalog.python_values import frame_of
from media_assets.errors import UnknownNameError
from media_assets.records.manifests import Record
from media_assets.values import ColumnType
from media_assets_tests.catalogs import (
    catalog_of,
    commit,
    failure,
    header,
    image,
    memory_root,
    record_rows,
    value,
)
from media_assets_tests.photos import save_photo

HOSTILE = "<script>alert('1')</script>"
ROWS = 25


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """25 rows with an image and a value each; the first name is hostile, the second one failed."""
    root = memory_root()
    rows = [HOSTILE, *(f"row-{n:02d}" for n in range(1, ROWS))]
    record_rows(root, "p1", rows)
    commit(root, header("photo", position=1), [photo(tmp_path, row) for row in rows])
    values = [value(row, f"{n}.5") for n, row in enumerate(rows)]
    commit(root, header("size", type=ColumnType.FLOAT, position=2), values)
    return catalog_of(root)


def photo(folder: Path, row: str) -> Record:
    if row == "row-01":
        return failure(row, message=HOSTILE)
    path = save_photo(folder / f"{sha256(row.encode()).hexdigest()}.jpg", size=(640, 480))
    return image(row, path.as_uri(), digest=sha256(path.read_bytes()).hexdigest())


def test_images_show_as_small_pictures_within_the_html(catalog: Catalog) -> None:
    html = catalog.table("photos")._repr_html_()

    pictures = [b64decode(data) for data in findall(r'src="data:image/webp;base64,([^"]+)"', html)]
    assert len(pictures) == 19  # 20 rows, of which one failed
    assert {Image.open(BytesIO(picture)).size for picture in pictures} == {(128, 96)}
    assert max(map(len, pictures)) < 4_000
    assert "20 of 25 rows" in html
    assert "http" not in html


def test_names_and_messages_are_text_and_never_markup(catalog: Catalog) -> None:
    html = catalog.table("photos")._repr_html_()

    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 3
    assert "alert('1')" not in html


def test_a_long_message_is_shortened_and_shown_whole_on_hover(tmp_path: Path) -> None:
    root = memory_root()
    record_rows(root, "p1", ["a"])
    commit(root, header(), [failure("a", message="too dark " * 30)])

    html = catalog_of(root).table("photos")._repr_html_()

    assert html.count("too dark") == 30 + 13
    assert "[...]</em>" in html


def test_what_is_selected_from_a_table_shows_its_images_too(catalog: Catalog) -> None:
    frame = catalog.table("photos")

    large = frame[frame["size"] > 23][["photo"]]
    assert isinstance(large, MediaFrame)
    html = large._repr_html_()

    assert html.count("<img") == 2


MADE: dict[str, Callable[[pd.DataFrame], Any]] = {
    "merge": lambda frame: frame.merge(frame[["row"]], on="row"),
    "merge with others": lambda frame: frame.merge(pd.DataFrame({"row": ["row-02"]})),
    "merge by the right": lambda frame: frame[["row"]].merge(frame, on="row", how="right"),
    "join": lambda frame: frame.join(pd.DataFrame({"more": range(ROWS)})),
    "join by index": lambda frame: frame.set_index("row").join(frame[["row"]].set_index("row")),
    "concat": lambda frame: pd.concat([frame[:3], frame[3:]]),
    "concat with others": lambda frame: pd.concat([frame, pd.DataFrame({"row": ["x"]})]),
    "concat beside": lambda frame: pd.concat([frame, frame], axis=1),
    "copy": lambda frame: frame.copy(),
    "deep copy": copy.deepcopy,
    "slice": lambda frame: frame[2:9],
    "loc": lambda frame: frame.loc[:, ["photo"]],
    "iloc": lambda frame: frame.iloc[[2, 3]],
    "query": lambda frame: frame.query("size > 3"),
    "groupby first": lambda frame: frame.groupby("partition", as_index=False).first(),
    "groupby head": lambda frame: frame.groupby("partition").head(3),
    "groupby get": lambda frame: frame.groupby("partition").get_group("p1"),
    "sort": lambda frame: frame.sort_values("size", ascending=False),
    "sample": lambda frame: frame.sample(3, random_state=1),
    "assign": lambda frame: frame.assign(twice=frame["size"] * 2),
    "rename images": lambda frame: frame.rename(columns={"photo": "picture"}),
    "suffixes": lambda frame: frame.merge(frame, on="row", suffixes=("_left", "_right")),
    "prefix": lambda frame: frame.add_prefix("their "),
    "rename": lambda frame: frame.rename(columns={"size": "area"}),
    "drop": lambda frame: frame.drop(columns=["size"]),
    "fill": lambda frame: frame.fillna({"size": 0}),
    "types": lambda frame: frame.astype({"size": "float32"}),
    "duplicates": lambda frame: frame.drop_duplicates("row"),
    "reset": lambda frame: frame.set_index("row").reset_index(),
    "where": lambda frame: frame.where(frame["size"] > 1),
    "explode": lambda frame: frame.assign(tags=[[1, 2]] * len(frame)).explode("tags"),
}


@pytest.mark.parametrize("how", MADE)
def test_what_pandas_makes_of_a_table_shows_its_images_too(catalog: Catalog, how: str) -> None:
    made = MADE[how](catalog.table("photos"))

    assert isinstance(made, MediaFrame)
    assert "<img" in made._repr_html_()
    assert made.media("photo").open("row-02").size == (640, 480)
    assert type(pickle.loads(pickle.dumps(made))) is pd.DataFrame  # noqa: S301  our own bytes


def test_a_frame_of_two_tables_knows_the_images_of_both(tmp_path: Path) -> None:
    root = memory_root()
    for table, column in (("photos", "photo"), ("posters", "poster")):
        record_rows(root, "p1", ["row-01", "row-02"], table=table)
        cells = [photo(tmp_path, "row-02"), failure("row-01", message=f"no {column}")]
        commit(root, header(column, table=table), cells)
    catalog = catalog_of(root)
    photos, posters = catalog.table("photos"), catalog.table("posters")

    both = [photos.merge(posters, on="row"), pd.concat([photos, posters])]

    for frame in both:
        assert isinstance(frame, MediaFrame)
        html = frame._repr_html_()
        assert html.count("<img") == 2
        assert "no photo" in html
        assert "no poster" in html
        assert frame.media("poster").rows == frame.media("photo").rows
        with pytest.raises(UnknownNameError):
            frame.media("thumbnail")


def test_a_frame_of_no_table_shows_as_any_other() -> None:
    frame = MediaFrame({"row": ["<b>"], "size": [1.5]})

    assert frame._repr_html_() == pd.DataFrame({"row": ["<b>"], "size": [1.5]})._repr_html_()  # pyright: ignore[reportCallIssue]
    with pytest.raises(UnknownNameError):
        frame.media("photo")


def test_a_file_that_is_gone_shows_as_its_fileurl_and_why(catalog: Catalog) -> None:
    frame = catalog.table("photos", limit=3)
    for path in catalog.column("photos", "photo").localpath.values():
        path.unlink()

    html = frame._repr_html_()

    assert "<img" not in html
    assert html.count("<td>file:///") == 2
    assert html.count('<em title="There is no file file:///') == 2


def test_a_table_is_a_data_frame_like_any_other(catalog: Catalog) -> None:
    frame = catalog.table("photos", limit=3)

    again = pickle.loads(pickle.dumps(frame))  # noqa: S301  our own bytes

    assert list(frame.columns) == ["row", "partition", "photo", "size"]
    assert frame["size"].sum() == 0.5 + 1.5 + 2.5
    assert type(again) is pd.DataFrame
    assert again.to_dict() == frame.to_dict()


def test_a_column_opens_its_images_and_names_files_and_errors_by_row(catalog: Catalog) -> None:
    column = catalog.table("photos").media("photo")

    assert column.open("row-02").size == (640, 480)
    assert column.fileurl["row-02"] == column.localpath["row-02"].as_uri()
    assert column.errortype == {"row-01": "DarkError"}
    assert column.errormsg == {"row-01": HOSTILE}
    assert catalog.column("photos", "size").value["row-02"] == 2.5


def test_an_asset_outside_tables_is_a_table_of_its_partitions(tmp_path: Path) -> None:
    root = memory_root()
    for partition in ("a/b", "c"):
        head = header("image", partition, table="team/posters")
        commit(root, head, [photo(tmp_path, f"poster of {partition}")])
    catalog = catalog_of(root)

    assert catalog.column("team/posters", "image").rows == ["poster of a/b", "poster of c"]
    assert catalog.column("team/posters", "image", partitions=["c"]).rows == ["poster of c"]
    assert catalog.table("team/posters")._repr_html_().count("<img") == 2


def test_an_unknown_table_or_column_is_an_error(catalog: Catalog) -> None:
    with pytest.raises(UnknownNameError, match="fotos"):
        catalog.table("fotos")
    with pytest.raises(UnknownNameError, match="thumbnail"):
        catalog.table("photos").media("thumbnail")


@pytest.mark.parametrize(("year", "zone"), [("0001", "UTC"), ("2024", "America/Los_Angeles")])
def test_times_that_pandas_crashes_at_in_other_zones_are_in_utc(year: str, zone: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'America/Los_Angeles'")
        connection.execute(f"select '{year}-01-02 00:00:00+00'::timestamptz as seen, null as other")
        frame = frame_of(connection)

    assert str(frame["seen"].dtype) == f"datetime64[us, {zone}]"
    assert frame.to_numpy()[0][0].isoformat(timespec="seconds").startswith(year)
