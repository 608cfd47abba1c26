"""A minute of bad luck, shown as it happens: kills, a faulty network, a full disk; then the count.

Run by `make torture`. One table on an S3 server, behind a network that damages 9 % of all requests.
Its runs are killed 20 times at random moments, a disk fills up, and everything is run to its end.
Then each file is compared with what a plain loop over the photos makes.
"""

import atexit
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from io import BytesIO
from pathlib import Path
from shutil import rmtree
from threading import Lock
from time import monotonic

from PIL import Image

from media_assets import transforms
from media_assets.errors import ManifestFormatError, StoreFaultError
from media_assets.images.encode import encode_image
from media_assets.images.formats import Encoding
from media_assets.records.manifests import Record
from media_assets.upkeep.collection import collect
from media_assets.upkeep.garbage import GarbageFinder
from media_assets.upkeep.referenced_files import files_uploaded_in_place
from media_assets.upkeep.retention import Retention
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.faults.kills import start
from media_assets_tests.faults.places import (
    Place,
    S3Access,
    bytes_of,
    garbage,
    named,
    rows_in,
    small_table,
)
from media_assets_tests.faults.proxy import Fault, FaultProxy, fault_proxy
from media_assets_tests.photos import save_photo
from media_assets_tests.retentions import NO_GRACE
from media_assets_tests.runs import insert
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import cells, run_step
from media_assets_tests.stored import stored

KILLS, SHARE, ROWS, OF_PARTITION = 20, 0.09, 80, 4
MOST_RUNS = 20
LASTING = {Fault.DENIED, Fault.SKEWED_CLOCK, Fault.BLACK_HOLE}
"""Faults that pass only when someone mends them, and one that takes its minute."""
PASSING = [fault for fault in Fault if fault not in LASTING]
_NAMESPACE = ["unshare", "--map-root-user", "--mount"]
_began = monotonic()


def tell(text: str) -> None:
    """Prints a line with the seconds since the start."""
    sys.stdout.write(f"{monotonic() - _began:6.1f} s  {text}\n")
    sys.stdout.flush()


class Weather:
    """Chooses a passing fault for a share of all requests."""

    def __init__(self, seed: int) -> None:
        self._random, self._lock = random.Random(seed), Lock()  # noqa: S311  weather, no secrets

    def __call__(self, _method: str, _path: str) -> Fault | None:
        with self._lock:
            is_fair = self._random.random() >= SHARE
            return None if is_fair else self._random.choice(PASSING)


def kill(place: Place, partitions: tuple[str, ...], seed: int) -> int:
    """Starts a run of each partition, and kills it at a random moment; returns how many it hit."""
    moments, lasts, hit = random.Random(seed), 2.0, 0  # noqa: S311  moments, no secrets
    for number in range(3 * KILLS):
        partition = partitions[number % len(partitions)]
        process, began = start(place, partition), monotonic()
        process.join(moments.uniform(0, lasts))
        was_at_work, after = process.exitcode is None, monotonic() - began
        process.kill()
        process.join()
        if not was_at_work:
            lasts = min(lasts, after)
            continue
        hit += 1
        kept = rows_in(place, partition)
        done = "its columns were committed" if len(kept) > 1 else "nothing was committed"
        tell(f"kill {hit:2} of {KILLS}: {after:.2f} s into the run of {partition}; {done}")
        if hit == KILLS:
            break
    return hit


def fill_disk(folder: Path) -> None:
    """Fills a disk under a run, frees it, and runs again."""
    folder.mkdir()
    (folder / "home").mkdir()
    (folder / "home" / "dagster.yaml").touch()
    if subprocess.run([*_NAMESPACE, "true"], check=False, capture_output=True).returncode:
        tell("full disk: left out, since nothing may be mounted here")
        return
    program = [sys.executable, "-m", "media_assets_tests.faults.short_of", "full", "files", folder]
    done = subprocess.run(
        [*_NAMESPACE, *program], capture_output=True, text=True, check=False, env=_own(folder)
    )
    if done.returncode:
        sys.exit(f"The run on a full disk went wrong:\n{done.stderr}")
    tell(f"full disk: the run said {done.stdout[:40]}...; freed, it completed, and no file is torn")


def _own(folder: Path) -> dict[str, str]:
    return {**os.environ, "DAGSTER_HOME": str(folder / "home")}


def finish(place: Place, partitions: tuple[str, ...]) -> dict[str, dict[str, Record]]:
    """Runs each partition until it gets through, as Dagster's retries do; returns what stands."""
    table, found, runs = (
        small_table(rows_per_partition=OF_PARTITION),
        dict[str, dict[str, Record]](),
        0,
    )
    for partition in partitions:
        for _ in range(MOST_RUNS):
            runs += 1
            try:
                made = cells(run_step(table, partition, manager=place.manager))
            except (StoreFaultError, ManifestFormatError) as error:
                tell(f"run of {partition} gave up, as Dagster would start it again: {error}"[:160])
                continue
            for name, records in made.items():
                found.setdefault(name, {}).update(records)
            break
        else:
            sys.exit(f"{MOST_RUNS} runs of {partition} were not enough.")
    tell(f"finished: {len(partitions)} partitions in {runs} runs")
    return found


def differences(place: Place, found: dict[str, dict[str, Record]], photos: list[Path]) -> list[str]:
    """The cells that are not what a plain loop over the photos makes."""
    wrong: list[str] = []
    for path in photos:
        with Image.open(path) as image:
            flipped = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            small = transforms.thumbnail(image, (16, 16))
        for name, image, encoding in [
            ("flipped", flipped, Encoding()),
            ("small", small, Encoding("PNG")),
        ]:
            expected = BytesIO()
            encode_image(image, expected, encoding)
            record = found[name].get(path.name)
            fileurl = record.fileurl if record else None
            if fileurl is None or bytes_of(place.storage, fileurl) != expected.getvalue():
                wrong.append(f"{name}/{path.name}")
        shade = found["shade"].get(path.name)
        if shade is None or float(shade.value or -1) != transforms.mean_luminance(small):
            wrong.append(f"shade/{path.name}")
    return wrong


def collected(place: Place) -> int:
    """Deletes what no manifest names, without grace, and returns how many files that were."""
    root, storage = place.manager.installation.catalog, place.storage
    in_place = files_uploaded_in_place(root, storage)
    finder = GarbageFinder(
        StoredTable(root, "photos"), storage, Retention(grace=NO_GRACE), in_place=in_place
    )
    return sum(1 for folder in finder.find() for _ in collect(root, storage, folder))


def torture(folder: Path, seed: int) -> None:
    """Everything, in a folder of its own."""
    (folder / "home").mkdir()
    (folder / "home" / "dagster.yaml").touch()
    server = S3Server.start(folder)
    bucket = server.make_bucket("torture")
    photos = [save_photo(folder / "photos" / f"{n:03}.png", seed=n) for n in range(ROWS)]
    tell(f"{ROWS} photos, an S3 server, and a network that damages {SHARE:.0%} of all requests")

    def at(url: str) -> Place:
        access = S3Access(url, server.access_key_id, server.secret_access_key)
        return Place(folder / "home", f"s3://{bucket}/torture", access)

    straight = at(server.url)
    straight.enter()
    tempfile.tempdir = None  # the folder of processes outlives this one's
    table = small_table(rows_per_partition=OF_PARTITION)
    partitions = insert(table, *photos, manager=straight.manager)
    with fault_proxy(server.url, Weather(seed)) as proxy:
        hit = kill(at(proxy.url), partitions, seed)
        fill_disk(folder / "disk")
        found = finish(at(proxy.url), partitions)
        _tell_network(proxy)
    wrong = differences(straight, found, photos)
    listed = garbage(straight)
    orphans = stored(straight.files, straight.storage) - named(straight) - set(listed)
    tell(f"left behind by {hit} kills: {len(listed)} files, which gc lists; it deletes them")
    collected(straight)
    orphans |= stored(straight.files, straight.storage) - named(straight)
    cells_made = sum(len(found[name]) for name in ("flipped", "small", "shade"))
    tell(f"{cells_made} cells, {len(wrong)} differ from the plain loop's, {len(orphans)} orphans")
    if wrong or orphans or hit < KILLS or cells_made != 3 * ROWS:
        sys.exit(f"Not as it should be, with seed {seed}: {[*wrong[:5], *sorted(orphans)[:5]]}")


def _tell_network(proxy: FaultProxy) -> None:
    faults = Counter(fault.value for fault in proxy.faults if isinstance(fault, Fault))
    share = faults.total() / len(proxy.requests)
    tell(f"network: {faults.total()} of {len(proxy.requests)} requests went wrong ({share:.1%})")
    for text, count in faults.most_common():
        tell(f"         {count:4} of: {text}")


def main() -> None:
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(10_000)
    tell(f"seed {seed}; repeat it with: make torture SEED={seed}")
    name = tempfile.mkdtemp(prefix="media-assets-torture-")
    atexit.register(rmtree, name, ignore_errors=True)  # after all that is registered later
    torture(Path(name), seed)


if __name__ == "__main__":
    main()
