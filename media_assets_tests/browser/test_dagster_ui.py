"""What people see of a table in the Dagster UI, in a real browser."""

import json
import os
import shutil
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from playwright.sync_api import Browser, expect

from media_assets.cli.location import Location
from media_assets.io_manager import MediaIOManager
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.folders import Found, file_upload
from media_assets_tests.automation.deployment import LOCATION, Deployment, deployed
from media_assets_tests.browser.visits import Visit, visiting
from media_assets_tests.faults.names import MARKUP
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import inserted, materialize

pytestmark = [pytest.mark.deployment, pytest.mark.timeout(600)]

DEFINITIONS = '''
import json
import os
from pathlib import Path

import dagster as dg
import media_assets as ma
from PIL import Image

MARKUP = json.loads(Path(os.environ["DAGSTER_HOME"], "markup.json").read_text())

photos = ma.MediaTable("photos", owners=["team:media"], tags=dict(domain="press"))


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    """The photo, mirrored left to right."""
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@photos.computed_column(destination=os.environ["DAGSTER_HOME"] + "/thumbnails/")
def thumbnail(source_image: Image.Image) -> Image.Image:
    """Never materialized here."""
    return ma.transforms.thumbnail(source_image, (64, 64))


@photos.computed_column()
def brightness(flipped: Image.Image) -> float:
    return ma.transforms.mean_luminance(flipped)


attacks = ma.MediaTable(
    "attacks",
    partitions=dg.DynamicPartitionsDefinition(name="attacks"),
    partition_of=lambda _: MARKUP[2],
)


@attacks.computed_column()
def said(source_image: Image.Image) -> str:
    return MARKUP[source_image.width - 1]


@attacks.computed_column()
def failed(source_image: Image.Image) -> str:
    if source_image.width > len(MARKUP):
        return "one has to be right"
    raise ValueError(MARKUP[source_image.width - 1])


defs = ma.build_defs([photos, attacks])
'''
EVIL = "\"><img src=x onerror=document.title='taken'> [a](javascript:alert(1)) | *b*.jpg"
MADE = ["source_image", "flipped", "brightness"]


@dataclass(frozen=True, slots=True)
class Ui:
    """A deployment, and the one partition that its table holds."""

    deployment: Deployment
    partition: str
    home: Path

    @property
    def url(self) -> str:
        return self.deployment.url

    def asset(self, column: str, view: str) -> str:
        return f"{self.url}/assets/photos/{column}?view={view}"

    def of_location(self, path: str) -> str:
        return f"{self.url}/locations/__repository__@{LOCATION}/{path}"


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Generator[Ui]:
    """A table of five photos, one of them broken, and one with a name that is an attack."""
    home = tmp_path_factory.mktemp("ui") / "home"
    shutil.copytree(empty_home, home)
    (home / "markup.json").write_text(json.dumps(MARKUP))
    (home / LOCATION).write_text(DEFINITIONS)
    paths = [*save_photos(home / "card", 4), save_photo(home / "card" / EVIL, 9)]
    paths[2].write_bytes(b"no image")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("MEDIA_ASSETS_")]:
            patch.delenv(name)
        patch.setenv("DAGSTER_HOME", str(home))
        patch.setattr(sys, "path", list(sys.path))
        location = Location(None, home / LOCATION)
        table = location.table("photos")
        with dg.DagsterInstance.get() as instance:
            partition = inserted(instance, table, *paths)
            assert materialize(instance, table, partition, columns=MADE).success
            attack(instance, location.table("attacks"), home / "attacks")
        with deployed(home, definitions=DEFINITIONS) as deployment:
            yield Ui(deployment, partition, home)


def attack(instance: dg.DagsterInstance, table: MediaTable, folder: Path) -> None:
    """Makes rows whose names, values and errors are payloads, as is their partition's key."""
    photos = [save_photo(folder / f"{n}.png", size=(n + 1, 9)) for n in range(len(MARKUP) + 1)]
    named = zip([*MARKUP, "~last"], photos, strict=True)
    uploads = tuple(file_upload(path, name) for name, path in named)
    (partition,) = record(MediaIOManager().installation, table, Found(uploads)).partitions
    instance.add_dynamic_partitions("attacks", [partition])
    assert materialize(instance, table, partition).success


@pytest.fixture
def visit(request: pytest.FixtureRequest, ui: Ui, browser: Browser) -> Generator[Visit]:
    """A page that stays clean, wherever a test goes.

    The table comes first: no run of Dagster's works inside Playwright's event loop.
    """
    name = request.node.name.removeprefix("test_").replace("_", "-")
    with visiting(browser, f"ui-{name[:40]}") as opened:
        yield opened
        assert opened.errors == []
        assert opened.asked_elsewhere(ui.url) == []
        assert opened.page.title() != "taken"


def test_the_asset_graph_shows_the_group_with_its_columns(visit: Visit, ui: Ui) -> None:
    visit.page.goto(ui.of_location("asset-groups/photos/lineage"))

    for column in [*MADE, "thumbnail"]:
        expect(visit.page.get_by_text(column, exact=True)).to_be_visible()
    expect(visit.page.get_by_text("Asset Group in")).to_be_visible()
    expect(visit.page.get_by_text("float", exact=True)).to_be_visible()
    visit.shoot("graph")


def test_a_definition_shows_what_stands_before_anything_ran(visit: Visit, ui: Ui) -> None:
    page = visit.page
    page.goto(ui.asset("thumbnail", "overview"))

    expect(page.get_by_text("Never materialized here.").first).to_be_visible()
    expect(
        page.get_by_text("team:media").or_(page.get_by_text("media", exact=True))
    ).to_be_visible()
    expect(page.get_by_text("domain: press")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="media_assets/destination")
    expect(row).to_contain_text(f"{ui.home}/thumbnails/")
    expect(page.get_by_role("row").filter(has_text="media_assets/decided_by")).to_contain_text(
        "column"
    )
    visit.shoot("definition")


def test_a_materialization_opens_its_contact_sheet(visit: Visit, ui: Ui) -> None:
    page = visit.page
    page.goto(ui.asset("flipped", "events"))
    shown = page.get_by_role("row").filter(has_text="media_assets/preview")
    expect(page.get_by_text("media_assets/decided_by")).to_be_visible()
    visit.shoot("events")

    shown.get_by_text("[Show Markdown]").click()

    sheet = page.get_by_role("img", name="The first files")
    expect(sheet).to_be_visible()
    expect(sheet).to_have_js_property("naturalWidth", 584)
    visit.shoot("sheet")


def test_what_runs_did_is_plotted(visit: Visit, ui: Ui) -> None:
    page = visit.page
    page.goto(ui.asset("flipped", "overview"))
    page.get_by_text("Plots", exact=True).click()

    for number in ("rows", "errors", "bytes", "rows_per_second"):
        expect(page.get_by_text(f"media_assets/{number}", exact=True)).to_be_visible()
    plot = page.locator("canvas").first
    plot.scroll_into_view_if_needed()
    expect(plot).to_be_visible()
    visit.shoot("plots")


def test_an_error_rows_message_stands_beside_its_name(visit: Visit, ui: Ui) -> None:
    page = visit.page
    page.goto(ui.asset("source_image", "events"))
    message = page.get_by_text("The file holds 8 bytes")
    message.scroll_into_view_if_needed()
    expect(message).to_be_visible()
    expect(page.get_by_text("photo-002.jpg", exact=True)).to_be_visible()
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name="photo-002.jpg"))
    expect(row.last).to_contain_text("UnsupportedImageError: The file holds 8 bytes")
    visit.shoot("error")

    page.goto(ui.asset("flipped", "events"))
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name="photo-002.jpg"))
    expect(row.last).to_contain_text("InputFailedError: Made from 'source_image', which failed")


def test_no_message_is_cut_off_at_the_pages_edge(visit: Visit, ui: Ui) -> None:
    page = visit.page
    page.goto(ui.asset("source_image", "events"))

    message = page.locator("td:not(:has(td))").filter(has_text="The file holds 8 bytes")
    message.scroll_into_view_if_needed()
    edge = message.evaluate(
        "cell => { while (cell && !['auto', 'hidden'].includes(getComputedStyle(cell).overflowX))"
        " cell = cell.parentElement; return cell.getBoundingClientRect().right }"
    )
    box = message.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= edge
    visit.shoot("message")


def test_a_name_that_is_an_attack_is_shown_as_a_name(visit: Visit, ui: Ui) -> None:
    visit.page.goto(ui.asset("flipped", "events"))

    expect(visit.page.get_by_text(EVIL, exact=True)).to_be_visible()
    assert visit.page.locator("img[src='x']").count() == 0
    assert visit.page.locator("a[href^='javascript:']").count() == 0


@pytest.mark.parametrize("column", ["said", "failed"])
def test_markup_in_names_values_errors_and_partitions_is_shown_as_text(
    visit: Visit, ui: Ui, column: str
) -> None:
    page, shown = visit.page, sorted(MARKUP)[:10]
    cells = page.locator("td:not(:has(td))")
    page.goto(f"{ui.url}/assets/attacks/{column}?view=events")

    for payload in shown:
        expect(cells.filter(has_text=payload).nth(1)).to_be_visible()
    expect(page.get_by_text(MARKUP[2], exact=True).first).to_be_visible()
    page.goto(f"{ui.url}/assets/attacks/{column}?view=partitions")
    expect(page.get_by_text("Materialized (1)")).to_be_visible()
    expect(page.get_by_text(MARKUP[2], exact=True).last).to_be_attached()
    assert page.locator("img[src='x'], a[href^='javascript:'], iframe, base").count() == 0
    visit.shoot("attack")


def test_the_launchpad_takes_the_global_of_a_run_and_files_go_there(visit: Visit, ui: Ui) -> None:
    page, elsewhere = visit.page, ui.home / "elsewhere"
    setting = f"resources:\n  media_io_manager:\n    config:\n      %s: {elsewhere}\n"
    page.goto(ui.of_location("jobs/photos_job/playground"))
    editor = page.locator(".CodeMirror")
    expect(editor).to_contain_text("max_error_share", timeout=30_000)

    def write(text: str) -> None:
        editor.click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(text)

    write(setting.partition("%s")[0])
    told = f"In effect: `{ui.home}/media/files`, local storage."
    expect(page.get_by_text(told).first).to_be_visible()
    write(setting % "output_media_dst")
    expect(page.get_by_text("unexpected config entry").first).to_be_visible()
    write(setting % "output_media_dest")
    expect(page.get_by_text("No errors")).to_be_visible()
    visit.shoot("launchpad")
    page.get_by_placeholder("Partition").fill(ui.partition)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Launch Run").click()

    page.wait_for_url("**/runs/*")
    ui.deployment.wait(lambda: ui.deployment.runs()[0] in {"SUCCESS", "FAILURE"})
    assert ui.deployment.runs() == ["SUCCESS"] * 3
    visit.shoot("run")
    assert list(elsewhere.rglob("photo-000-*.jpg"))
