"""A table's uploads sensor, ticked by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import time

import dagster as dg
from PIL import Image

from media_assets.automation.cursor import Cursor
from media_assets.automation.ticks import TICK_SECONDS, tick
from media_assets.automation.uploads_scan import ScanResult
from media_assets.io_manager import MediaIOManager
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import uploads_listing
from media_assets.uploads.listing import Listing
from media_assets.uploads.log import UploadLog


def photos_table(name: str = "photos", **options: object) -> MediaTable:
    table = MediaTable(name, **options)  # pyright: ignore[reportArgumentType]

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    return table


@dataclass
class Ticker:
    """Ticks a sensor on a clock of its own, and keeps what it requested, each run key once."""

    instance: dg.DagsterInstance
    table: MediaTable
    listing: Listing | None = None
    cursor: str = ""
    now: float = field(default_factory=time)
    manager: MediaIOManager = field(default_factory=MediaIOManager)
    runs: dict[str, dg.RunRequest] = field(default_factory=dict[str, dg.RunRequest])

    def tick(
        self,
        *,
        cursor: str | None = None,
        after: float = 5.0,
        seconds: float = TICK_SECONDS,
        pause: Callable[[float], None] | None = None,
    ) -> tuple[ScanResult, list[dg.RunRequest]]:
        """Ticks once; what Dagster has a run for already is requested in vain.

        Without `pause`, a tick looks once.
        """
        self.now += after
        look, due, moved = tick(
            self.instance,
            self.manager.installation,
            self.table,
            self.listing or uploads_listing(self.manager.installation, self.table),
            Cursor.parse(self.cursor if cursor is None else cursor),
            now=self.now,
            seconds=seconds,
            pause=pause,
        )
        self.cursor = str(moved)
        fresh = [r for r in due.requests if r.run_key not in self.runs]
        self.runs |= {str(request.run_key): request for request in fresh}
        return look, fresh

    def log(self) -> UploadLog:
        log = UploadLog(self.manager.installation.catalog, self.table.name)
        log.refresh()
        return log
