"""The results of queries as notebooks show them: with pictures, and light."""

import pickle
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from re import findall
from uuid import uuid4

import pandas as pd
import pytest
from PIL import Image

from media_assets.catalog import Catalog
from media_assets.catalog.frame_html import MOST_BYTES
from media_assets.catalog.page import PageShown
from media_assets.errors import UnknownNameError
from media_assets.reading import Reader
from media_assets.stores import Storage
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
from media_assets_tests.servers.s3 import S3Server

HOSTILE = '"><img src=x onerror=alert(1)>.jpg'
MANY = 2_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def catalog(folder: Path) -> Catalog:
    """2,000 rows, the first with a hostile name; two failed, and the file of one is no image."""
    root = memory_root()
    rows = [HOSTILE, *(f"row-{n:04d}" for n in range(1, MANY))]
    record_rows(root, "p1", rows)
    photo = folder / "a photo.jpg"
    Image.effect_noise((640, 480), 90).save(photo)
    broken = folder / "broken.jpg"
    broken.write_text("no image")
    files = [image(row, path.as_uri(), digest=sha256(path.read_bytes()).hexdigest())
             for row in rows[3:] for path in [broken if row == "row-0003" else photo]]  # fmt: skip
    commit(root, header(position=1), [
        failure(HOSTILE, message="<b>too</b> dark"), failure("row-0001"),
        image("row-0002", (folder / "gone.jpg").as_uri()), *files])  # fmt: skip
    values = [value(row, "<i>text</i>" * 400) for row in rows]
    commit(root, header("note", type=ColumnType.STR, position=2), values)
    return catalog_of(root)


def shown(frame: pd.DataFrame) -> str:
    return frame._repr_html_()  # type: ignore[operator]  # pyright: ignore[reportCallIssue]


def test_fileurls_of_a_result_show_as_thumbnails_whatever_their_columns_are_called(
    catalog: Catalog,
) -> None:
    html = shown(catalog.sql("select row, flipped as photo from photos offset 10"))

    assert html.count('<img src="data:image/webp;base64,') == 20
    assert "<th>photo</th>" in html
    assert "20 of 1,990 rows" in html


@pytest.mark.parametrize(
    "query",
    [
        "select fileurl from media_assets.files where row > 'row-0009'",
        "select a.flipped, b.flipped from photos a join photos b using (row) offset 10 limit 10",
        "from photos where row > 'row-0009'",
    ],
)
def test_they_show_in_any_query(catalog: Catalog, query: str) -> None:
    assert shown(catalog.sql(query)).count("<img") == 20


def test_the_result_is_a_data_frame_as_ever(catalog: Catalog) -> None:
    frame = catalog.sql("select row, flipped from photos order by row")

    again = pickle.loads(pickle.dumps(frame))  # noqa: S301  our own bytes

    assert isinstance(frame, pd.DataFrame)
    assert type(again) is pd.DataFrame
    pd.testing.assert_frame_equal(frame, again)
    assert frame.media("flipped").open("row-0010").size == (640, 480)
    with pytest.raises(UnknownNameError):
        frame.media("nothing")


def test_a_result_of_the_past_shows_its_images_and_gives_no_column_of_now(
    catalog: Catalog,
) -> None:
    frame = catalog.sql("select flipped from photos offset 10 limit 3", as_of="run")

    assert shown(frame).count("<img") == 3
    with pytest.raises(UnknownNameError, match="in a query of the past"):
        frame.media("flipped")


def test_a_result_without_images_shows_as_pandas_shows_it(catalog: Catalog) -> None:
    frame = catalog.sql("select row, 1234567.5 as size from photos")

    assert shown(frame) == pd.DataFrame(frame)._repr_html_()  # type: ignore[operator]  # pyright: ignore[reportCallIssue]


def test_no_file_is_read_that_the_catalog_does_not_have(catalog: Catalog, folder: Path) -> None:
    secret = save_photo(folder / "secret.jpg").as_uri()

    html = shown(catalog.sql("select flipped, ? as other from photos offset 10 limit 1", [secret]))

    assert html.count("<img") == 1
    assert secret in html


def test_a_picture_that_cannot_be_shown_says_why_in_its_cell(catalog: Catalog) -> None:
    html = shown(catalog.sql("select row, flipped from photos order by row limit 4"))

    assert "<img" not in html
    assert html.count("&lt;b&gt;too&lt;/b&gt; dark") == 2, "an error, and its whole text on hover"
    assert "There is no file file:///" in html
    assert "broken.jpg" in html
    assert html.count("<em") == 4


def test_names_and_messages_are_text(catalog: Catalog, folder: Path) -> None:
    html = shown(catalog.sql('select *, row as "<b>" from photos order by row'))

    assert findall(r"<img(?! src=\"data:image/webp;base64,)", html) == []
    assert "<b>" not in html
    assert "<i>" not in html
    assert "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;.jpg" in html


def test_a_result_of_many_rows_stays_light(catalog: Catalog) -> None:
    html = shown(catalog.sql("from photos"))

    assert html.count("<tr>") == 21
    assert len(html) < 200_000
    assert "20 of 2,000 rows" in html


def test_a_page_of_large_pictures_is_cut_and_says_so(catalog: Catalog) -> None:
    small = PageShown(first=10, rows=1_500, size=(4, 4))
    large = PageShown(first=10, rows=1_500, size=(640, 480))

    lines, pictures = (shown(catalog.table("photos", page=page)) for page in (small, large))

    assert lines.count("<tr>") == 1_001
    assert "rows 11 to 1,010 of 2,000 (500 more of this page do not fit)" in lines
    assert 5 < pictures.count("<img") < 200
    assert 0.85 * MOST_BYTES < len(pictures) < MOST_BYTES + 10_000
    assert "Not shown, because this page has too many bytes" in pictures
    last = 10 + pictures.count("<tr>") - 1
    assert f"rows 11 to {last} of 2,000 ({1_510 - last:,} more of this page do not fit)" in pictures


def test_a_result_of_many_columns_is_cut(catalog: Catalog) -> None:
    columns = ", ".join(f"flipped as c{n}" for n in range(60))

    html = shown(catalog.sql(f"select {columns} from photos offset 10 limit 1"))  # noqa: S608  numbers

    assert html.count("<img") == 50
    assert "50 of 60 columns" in html


def test_a_refused_key_is_reported_in_the_cell_and_not_shown(
    s3_server: S3Server, no_aws: None, tmp_path: Path
) -> None:
    bucket = s3_server.make_bucket(f"looks-{uuid4().hex}")
    data = save_photo(tmp_path / "a.jpg").read_bytes()
    store, key = Storage(s3=s3_server.settings).store_of(f"s3://{bucket}/a.jpg")
    store.put(key, data)
    root = memory_root()
    record_rows(root, "p1", ["a"])
    commit(root, header(), [image("a", store.fileurl(key), digest=sha256(data).hexdigest())])

    expired = replace(s3_server.settings, secret_access_key="an-expired-secret")
    good, bad = (
        shown(Catalog(root, reader=Reader(Storage(s3=settings))).sql("from photos"))
        for settings in (s3_server.settings, expired)
    )

    assert good.count("<img") == 1
    assert "<img" not in bad
    assert f"<td>s3://{bucket}/a.jpg<br><em title=" in bad
    assert "the key, secret or token is wrong or has expired" in bad
    assert "an-expired-secret" not in bad
