"""Whatever stands in run config: a run that is right, or one error before any row."""

from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from PIL import Image

from media_assets import errors
from media_assets.io_manager import MediaIOManager
from media_assets.tables.table import MediaTable
from media_assets_tests.faults.names import NAMES
from media_assets_tests.faults.places import S3Access, bytes_of
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import catalog, inserted, materialize
from media_assets_tests.servers.s3 import S3Server

TEXT = st.sampled_from(NAMES) | st.text(max_size=40)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
CONFIG = st.fixed_dictionaries(
    {},
    optional={
        "force": st.booleans() | SCALARS,
        "max_error_share": st.floats(0, 1) | SCALARS,
        "other": SCALARS,
    },
)


def destinations(folder: Path, bucket: str) -> st.SearchStrategy[str]:
    """Texts that are destinations, or nearly, or not at all; none of them leads out of a test."""
    below = st.sampled_from(
        [
            f"{folder}/",
            f"{folder}",
            f"file://{folder}/",
            f"memory://{uuid4().hex}",
            f"s3://{bucket}",
            f"s3://{bucket}/",
            "s3://",
            "https://127.0.0.1:1/bucket/",
            "http://user:secret@127.0.0.1:1/",
            "ftp://127.0.0.1/",
        ]
    )
    bare = TEXT.filter(lambda text: not text.startswith(("/", "~")) and ":/" not in text)
    return st.builds(str.__add__, below, TEXT) | bare | below


def told(result: dg.ExecuteInProcessResult) -> list[str]:
    """What the failure of a run says in this package's words, or in those of Dagster's config."""
    found: list[str] = []
    for event in result.all_events:
        error = event.step_failure_data.error if event.is_step_failure else None
        while error is not None:
            kind = getattr(errors, error.cls_name or "", None)
            is_ours = isinstance(kind, type) and issubclass(kind, errors.MediaAssetsError)
            if is_ours or error.cls_name == "ValidationError":
                found.append(error.message)
            error = error.cause
    return found


# Dagster's own, of a resource within a resource.
@pytest.mark.filterwarnings("ignore:.*dagster_run:DeprecationWarning")
@pytest.mark.usefixtures("no_aws")
@pytest.mark.parametrize("count", [5, pytest.param(60, marks=pytest.mark.faults)])
@pytest.mark.timeout(300)
def test_a_run_is_right_or_fails_with_one_clear_error_before_any_row(
    home: Path, instance: dg.DagsterInstance, s3_server: S3Server, tmp_path: Path, count: int
) -> None:
    bucket = s3_server.make_bucket(f"config-{uuid4().hex}")
    calls: list[str] = []
    named: list[str | None] = [None]
    table = MediaTable("photos")

    @table.computed_column(code_version="1", destination=lambda: named[0])
    def own(source_image: Image.Image) -> Image.Image:
        calls.append("own")
        return source_image

    @table.computed_column(code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        calls.append("flipped")
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    manager = MediaIOManager(
        s3=S3Access(s3_server.url, s3_server.access_key_id, s3_server.secret_access_key).resource
    )
    partition = inserted(instance, table, *save_photos(tmp_path / "uploads", 2))
    places = destinations(tmp_path / "out", bucket)
    optional = {"output_media_dest": st.none() | places, "input_media_dest": st.none() | places}

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to find a smaller example takes minutes
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(st.none() | places, st.fixed_dictionaries({}, optional=optional), CONFIG)
    def run_it(column: str | None, given_places: dict[str, object], config: object) -> None:
        named[0] = column
        calls.clear()
        run_config = {
            "resources": {"media_io_manager": {"config": given_places}},
            "ops": {"photos": {"config": config}},
        }
        try:
            result = materialize(instance, table, partition, manager=manager, run_config=run_config)
        except dg.DagsterInvalidConfigError:
            assert calls == []
            return
        if not result.success:
            assert len(told(result)) == 1, result.all_events
            assert calls == []
            return
        shown = catalog().sql(
            "select fileurl, digest from media_assets.files where \"column\" <> 'source_image'"
        )
        assert len(shown) == 4
        for fileurl, digest in zip(shown["fileurl"], shown["digest"], strict=True):
            assert sha256(bytes_of(manager.storage, fileurl)).hexdigest() == digest

    run_it()
