"""Any sequence of arrivals, changes and deletions, with a sensor that dies, repeats and forgets."""

import tempfile
from pathlib import Path

import dagster as dg
import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from media_assets.automation.cursor import Cursor
from media_assets.automation.uploads_scan import UploadsScan
from media_assets.io_manager import MediaIOManager
from media_assets_tests.automation.listings import MemoryListing
from media_assets_tests.automation.sensors import Ticker, photos_table

KEYS = st.sampled_from([f"{folder}/{name}.jpg" for folder in "ab" for name in "123"])
TICKS_UNTIL_QUIET = 12


class Uploads(RuleBasedStateMachine):
    """The model: what lies there, and every version of it that lay there long enough."""

    def __init__(self) -> None:
        super().__init__()
        self.instance = dg.DagsterInstance.ephemeral()
        self.listing = MemoryListing()
        table = photos_table(rows_per_partition=3, gather_seconds=4)
        home = tempfile.mkdtemp(dir=Path.cwd())
        manager = MediaIOManager(catalog=home)
        self.ticker = Ticker(self.instance, table, self.listing, manager=manager)
        self.versions = 0
        self.cursors = [""]

    @rule(key=KEYS, is_settled=st.booleans())
    def arrive_or_change(self, key: str, is_settled: bool) -> None:  # noqa: FBT001
        self.versions += 1
        self.listing.put(key, str(self.versions), is_settled=is_settled)

    @precondition(lambda self: self.listing.uploads)
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        self.listing.remove(data.draw(st.sampled_from(sorted(self.listing.uploads))))

    @rule(seconds=st.sampled_from([0.0, 5.0]), after=st.sampled_from([0.0, 5.0]))
    def tick(self, seconds: float, after: float) -> None:
        self.ticker.tick(seconds=seconds, after=after)
        self.cursors.append(self.ticker.cursor)

    @rule()
    def die_after_recording(self) -> None:
        place = Cursor.parse(self.ticker.cursor).place
        UploadsScan(self.ticker.manager.installation, self.ticker.table, looks_twice=True).look(
            self.listing, place
        )

    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        self.ticker.tick(cursor=data.draw(st.sampled_from(self.cursors)))

    def teardown(self) -> None:
        for _ in range(TICKS_UNTIL_QUIET):
            self.ticker.tick()
        log = self.ticker.log()
        rows = list(self.listing.uploads)
        there = {row: upload.version for row, upload in self.listing.uploads.items()}
        recorded = {row: upload.version for row, upload in log.newest_of(rows).items()}
        twice = log.query("select version from log group by version having count(*) > 1")
        newest = log.query("select partition, max(entry) from log group by partition")

        assert recorded == there
        assert twice == []
        assert {f"{partition}:{entry}" for partition, entry in newest} <= self.ticker.runs.keys()
        assert len(self.ticker.tick()[1]) == 0
        self.instance.dispose()


def test_existing_uploads_are_recorded_once_and_every_partition_gets_a_run(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)

    run_state_machine_as_test(
        Uploads,
        settings=settings(
            max_examples=12,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
