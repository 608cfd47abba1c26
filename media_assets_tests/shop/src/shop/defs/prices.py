"""What another team has in this location: nothing of it knows of media tables but by their keys."""

import os
import time
from pathlib import Path

import dagster as dg

import media_assets as ma

HOME = Path(os.environ["DAGSTER_HOME"])


@dg.asset
def price_list() -> dict[str, float]:
    return {"photo-000.jpg": 1.5, "photo-001.jpg": 2.5}


@dg.asset(ins={"brightness": dg.AssetIn(["photos", "bright"])})
def report(brightness: ma.MediaColumn) -> dg.MaterializeResult[object]:
    return dg.MaterializeResult(metadata={"rows": len(brightness)})


@dg.asset(deps=[["photos", "thumb"]])
def slow_report() -> None:
    """Takes until somebody says so."""
    HOME.joinpath("slow_report.started").touch()
    ends = time.monotonic() + 120
    while not HOME.joinpath("slow_report.may_end").exists() and time.monotonic() < ends:
        time.sleep(0.05)


@dg.op
def count_prices() -> int:
    return 2


@dg.job
def prices_job() -> None:
    count_prices()


@dg.schedule(job=prices_job, cron_schedule="0 4 * * *")
def prices_at_four() -> dg.RunRequest:
    return dg.RunRequest()


@dg.run_failure_sensor
def alerts(context: dg.RunFailureSensorContext) -> None:
    with HOME.joinpath("alerts.txt").open("a") as file:
        print(context.dagster_run.run_id, file=file)
