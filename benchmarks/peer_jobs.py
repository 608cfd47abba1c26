"""Peers: an environment for each, and one way to run their programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT, Sample, run_process


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool that does the same job.

    Attributes:
        name: What it is called.
        program: Its jobs, a file of `benchmarks/peers`; they run as
            `program JOB SOURCE DESTINATION`.
    """

    name: str
    program: str

    @property
    def python(self) -> Path:
        """The Python of its environment, which `make bench-peers` makes."""
        return ROOT / "benchmarks/.peer" / self.name.lower() / "bin/python"

    def is_missing(self) -> bool:
        """Says so, and returns True, if it did not install here."""
        if missing := not self.python.exists():
            print(f"{self.name} is not installed here, so nothing is measured against it.")
        return missing

    def command(self, job: str, source: Path, destination: Path | str) -> list[str]:
        """Returns what does a job."""
        program = ROOT / "benchmarks/peers" / f"{self.program}.py"
        return [str(self.python), str(program), job, str(source), str(destination)]

    def run(
        self,
        job: str,
        source: Path,
        home: Path,
        *,
        destination: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Sample:
        """Does a job.

        Args:
            job: Its name.
            source: The folder of photos, or the video.
            home: Where the peer keeps rows, and its files below `files`.
            destination: A bucket for its files instead.
            environment: Further variables.
        """
        command = self.command(job, source, destination or home / "files")
        return run_process(command, environment={**environment_of(home), **(environment or {})})


def environment_of(home: Path) -> dict[str, str]:
    """Returns the variables of any peer: its home, these programs, and nothing sent or drawn."""
    return {
        "PIXELTABLE_HOME": str(home),
        "DATACHAIN_ROOT_DIR": str(home),
        "ROWS": str(home),
        "PYTHONPATH": str(ROOT),
        "DO_NOT_TRACK": "true",
        "DATACHAIN_NO_ANALYTICS": "true",
        "DAFT_PROGRESS_BAR": "0",
        "TQDM_DISABLE": "1",
    }


PIXELTABLE = Peer("Pixeltable", "pixeltable_job")
PIXELTABLE_FRAMES = Peer("Pixeltable", "pixeltable_frames")
DAFT = Peer("Daft", "daft_job")
DATACHAIN = Peer("DataChain", "datachain_job")
