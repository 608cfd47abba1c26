"""Parts that are kept in their parents' files: what an address gives is what the splitter gave."""

from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from media_assets.addresses import is_part, split_address
from media_assets.documents.document import Document
from media_assets.errors import CorruptFileError
from media_assets.images.decode import decode_image, open_image
from media_assets.images.limits import ImageLimits
from media_assets.part_files import HeldParents, digest_of_part
from media_assets.reading import UNBOUNDED, Reader
from media_assets.split import Splitter, frames, pages, segments, tiles
from media_assets.stores import Storage
from media_assets.stores.s3 import S3Settings
from media_assets.urls import presigned_url
from media_assets.video.handle import Video
from media_assets_tests.media.pdfs import make_pdf
from media_assets_tests.split.parts import parts_of
from media_assets_tests.split.videos import KINDS, make


def address(path: Path, splitter: Splitter, fields: object) -> str:
    fragment = splitter.address(fields)  # pyright: ignore[reportArgumentType]
    assert fragment is not None
    fileurl = f"{path.as_uri()}#{fragment}"
    assert split_address(fileurl) == (path.as_uri(), fragment)
    assert is_part(fileurl)
    return fileurl


def are_equal(one: Image.Image, other: Image.Image) -> bool:
    if (one.mode, one.size) != (other.mode, other.size):
        return False
    return ImageChops.difference(one, other).getbbox() is None


def read_image(fileurl: str, digest: str | None = None) -> Image.Image:
    data = Reader().read(fileurl, max_bytes=UNBOUNDED, digest=digest)
    return decode_image(open_image(data, ImageLimits()))


@pytest.mark.parametrize("name", ["h264-open", "h264-uneven", "h264-late", "vp9-uneven"])
def test_every_frame_of_a_video_is_read_by_its_address(name: str, tmp_path: Path) -> None:
    path = make(tmp_path, KINDS[name])
    splitter = frames(size=(32, 32))
    parts = parts_of(splitter, Video(path))

    wrong = [
        part.key
        for part in parts
        if not isinstance(part.value, Image.Image)
        or not are_equal(read_image(address(path, splitter, part.fields)), part.value)
    ]

    assert len(parts) > 40
    assert wrong == []


def test_every_segment_of_a_video_is_read_by_its_address(tmp_path: Path) -> None:
    path = make(tmp_path, KINDS["h264-uneven"])
    splitter = segments(1.0, overlap=0.3)
    parts = parts_of(splitter, Video(path))

    for part in parts:
        made = part.value
        assert isinstance(made, Video)
        copy = tmp_path / "copy"
        fileurl = address(path, splitter, part.fields)
        Reader().download(fileurl, copy, max_bytes=UNBOUNDED)
        assert Video(copy).frame_count == Video(made.path).frame_count
        assert copy.read_bytes() == made.path.read_bytes()
    assert len(parts) > 3


def test_every_page_and_tile_is_read_by_its_address(tmp_path: Path) -> None:
    document = tmp_path / "a.pdf"
    document.write_bytes(make_pdf(pages=2))
    image = tmp_path / "a.tif"
    Image.radial_gradient("L").resize((21, 10)).convert("CMYK").save(image)

    for splitter, path, source in [
        (pages(), document, Document(document)),
        (pages(dpi=72.5), document, Document(document)),
        (tiles(8, overlap=2), image, decode_image(open_image(image, ImageLimits()))),
    ]:
        for part in parts_of(splitter, source):
            assert isinstance(part.value, Image.Image)
            assert are_equal(read_image(address(path, splitter, part.fields)), part.value)


def test_a_part_is_refused_if_its_parent_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (8, 8), 7).save(path)
    fragment = "xywh=0,0,4,4"
    digest = digest_of_part(sha256(path.read_bytes()).hexdigest(), fragment)
    fileurl = f"{path.as_uri()}#{fragment}"
    assert read_image(fileurl, digest).getpixel((0, 0)) == 7

    Image.new("L", (8, 8), 9).save(path)

    with pytest.raises(CorruptFileError, match="xywh=0,0,4,4"):
        read_image(fileurl, digest)


def test_a_parent_elsewhere_is_fetched_once_for_its_parts_until_it_changes(tmp_path: Path) -> None:
    Image.new("L", (8, 8), 7).save(tmp_path / "a.png")
    reader, parents = Reader(), HeldParents()
    fileurl = "memory://parents/scans/a.png"
    store, key = reader.storage.store_of(fileurl)
    store.put(key, (tmp_path / "a.png").read_bytes())

    first = parents.hold(reader, fileurl)
    assert parents.hold(reader, fileurl) is first
    assert read_image(f"{fileurl}#xywh=4,4,4,4").size == (4, 4)
    store.put(key, b"other bytes")
    assert parents.hold(reader, fileurl) is not first


def test_presigned_urls_have_the_fragment() -> None:
    storage = Storage(s3=S3Settings(access_key_id="a", secret_access_key="b", region="eu-west-1"))

    url = presigned_url("s3://bucket/clip.mp4#t=12.000", 60, storage=storage)

    assert url.startswith("https://bucket.s3")
    assert url.endswith("#t=12.000")
    assert "X-Amz-Signature" in url


@pytest.mark.parametrize("name", ["a.png#top", "a.png#t=", "a.png#page=x", "a#b.png"])
def test_other_fragments_do_not_name_parts(name: str) -> None:
    assert split_address(f"https://example.com/{name}")[1] is None
