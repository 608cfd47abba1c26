"""The documented query for near-duplicates, over photos and copies of them."""

import re
from pathlib import Path

from PIL import Image

from media_assets import transforms
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import picture, save_photo
from media_assets_tests.runs import catalog, insert
from media_assets_tests.steps import run_step

PAGE = Path(__file__).parents[2] / "docs" / "querying.md"


def test_the_documented_query_finds_other_sizes_and_qualities_of_a_photo(
    home: Path, tmp_path: Path
) -> None:
    for seed in range(4):
        save_photo(tmp_path / f"{seed}.png", seed, (200, 150))
    picture(2, (200, 150)).resize((90, 70)).save(tmp_path / "2-small.jpg", quality=40)
    for name in ("black", "white"):
        Image.new("RGB", (40, 30), name).save(tmp_path / f"{name}.png")
    looks = MediaTable("looks")

    @looks.computed_column()
    def hashed(source_image: Image.Image) -> int:
        return transforms.perceptual_hash(source_image)

    (partition,) = insert(looks, tmp_path)
    run_step(looks, partition)
    page = PAGE.read_text("utf-8").partition("### Near-duplicates")[2]
    (query,) = re.findall(r'"""(.*?)"""', page.partition("\n## ")[0], re.DOTALL)

    found = catalog().sql(query)

    assert list(zip(found["row"], found["other"], strict=True)) == [("2-small.jpg", "2.png")]
