"""The requests that a whole insert into a bucket makes: ours and peers'."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks.cases.peers import insert_command
from benchmarks.figures import Figure
from benchmarks.inputs import PHOTO, make_inputs
from benchmarks.peer_jobs import DAFT, DATACHAIN, PIXELTABLE
from benchmarks.processes import Sample, run_process
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces
from media_assets_tests.servers.s3 import S3Server


def requests(settings: Settings) -> Iterator[Figure]:
    """200 photos, whose three columns go to a bucket of a real server; rows stay here."""
    rows = settings.rows(200)
    source = make_inputs(PHOTO, rows)
    with workspaces() as new:
        server = S3Server.start(new(), keys_of_page=1_000)
        client = {
            "AWS_ENDPOINT_URL": server.url,
            "AWS_ACCESS_KEY_ID": server.access_key_id,
            "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        for what, run in _jobs(source):
            bucket = server.make_bucket(f"bench-{what.lower()}")
            run(new(), f"s3://{bucket}/files", client)
            asked = Counter(line.split(" ")[0] for line in server.requests(bucket))
            yield Figure(
                f"insert of {rows:,} into a bucket, {what}: requests a row",
                asked.total() / rows,
                "times",
                details={**asked},
            )


def _jobs(
    source: Path,
) -> Iterator[tuple[str, Callable[[Path, str, Mapping[str, str]], Sample]]]:
    yield "ours", partial(_insert, source)
    for peer, job in (
        (PIXELTABLE, "columns-before"),
        (DAFT, "named-photos"),
        (DATACHAIN, "photos"),
    ):
        if peer.is_missing():
            continue
        yield (
            peer.name,
            lambda home, place, client, peer=peer, job=job: peer.run(
                job, source, home, destination=place, environment=client
            ),
        )


def _insert(source: Path, home: Path, place: str, client: Mapping[str, str]) -> Sample:
    given = {"DAGSTER_HOME": str(home), "MEDIA_ASSETS_OUTPUT_MEDIA_DEST": place, **client}
    return run_process(insert_command(source), environment=given)
