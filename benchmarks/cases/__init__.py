"""Comparisons to measure: one file per subject, one function per comparison."""

from collections.abc import Callable, Iterator, Mapping

from benchmarks.cases import (
    against_floor,
    buckets,
    columns,
    commands,
    cores,
    derived,
    distance,
    fan_out,
    kills,
    loader,
    media,
    memory,
    notebook,
    peers,
    queries,
    requests,
    rows_of_data,
    splitters,
    start_up,
    table_growth,
    upload_path,
)
from benchmarks.figures import Figure
from benchmarks.settings import Settings

Case = Callable[[Settings], Iterator[Figure]]

SUITES: Mapping[str, Mapping[str, Case]] = {
    "core": {
        "photos": against_floor.photos,
        "side-by-side": cores.side_by_side,
        "interpreter-lock": cores.interpreter_lock,
        "large-photos": memory.large_photos,
        "distance": distance.distant_destination,
        "imports": start_up.imports,
        "commands": commands.commands,
        "thumbnails": columns.thumbnails,
        "further-column": columns.further_column,
        "notebook": notebook.notebook,
        "media": media.media,
        "renditions": splitters.renditions,
    },
    "scale": {
        "small-photos": against_floor.small_photos,
        "growth": memory.growth,
        "new-rows": table_growth.new_rows,
        "csv-rows": rows_of_data.csv_rows,
        "catalog": queries.catalog,
        "bucket-catalog": buckets.bucket_catalog,
        "large-bucket-catalog": buckets.large_bucket_catalog,
        "dask": fan_out.dask,
        "upload-path": upload_path.upload_path,
        "standing-parts": derived.standing_parts,
        "frames-of-videos": derived.frames_of_videos,
    },
    "peers": {
        "pixeltable": peers.pixeltable,
        "pixeltable-frames": peers.pixeltable_frames,
        "daft": peers.daft,
        "datachain": peers.datachain,
        "kills": kills.kills,
        "requests": requests.requests,
        "frames": splitters.frames,
        "vips": peers.vips,
    },
    "loader": {"loader": loader.loader},
}
"""The cases of each make target, by the name that `--only` takes."""
