"""Results of benchmarks: figures, each with the bar that it must meet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from statistics import median

from benchmarks.processes import Sample


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        what: What was measured.
        value: The result.
        unit: Its unit; "x" for a ratio.
        bar: What it must not exceed, or not fall short of where more is better; None without one.
        aim: What would be better still.
        is_more_better: Whether the bar is the least.
        details: What it was worked out from.
    """

    what: str
    value: float
    unit: str
    bar: float | None = None
    aim: float | None = None
    is_more_better: bool = False
    details: dict[str, object] = field(default_factory=dict[str, object])

    @property
    def share_of_bar(self) -> float | None:
        """The share of the bar that is used up; above 1 the bar is missed."""
        if self.bar is None:
            return None
        if self.bar == 0:
            return inf if self.value else 0.0
        return self.bar / self.value if self.is_more_better else self.value / self.bar

    @property
    def is_met(self) -> bool:
        """Whether the bar is met, or there is none."""
        return self.share_of_bar is None or self.share_of_bar <= 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """The samples of two jobs that ran alternately."""

    ours: Sequence[Sample]
    theirs: Sequence[Sample]

    @property
    def wall_ratio(self) -> float:
        """The median ratio of our wall time to theirs."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return median(ours.seconds / theirs.seconds for ours, theirs in pairs)

    @property
    def cpu_ratio(self) -> float:
        """The median ratio of our CPU time to theirs."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return median(ours.cpu_seconds / theirs.cpu_seconds for ours, theirs in pairs)

    @property
    def peak_rss_mb(self) -> float:
        """The largest memory of our job in any run, in MB."""
        return max(sample.peak_rss_mb for sample in self.ours)

    def details(self) -> dict[str, object]:
        """All samples, for the report."""
        return {
            f"{name}_{measure}": [round(getattr(sample, measure), 3) for sample in samples]
            for name, samples in (("ours", self.ours), ("theirs", self.theirs))
            for measure in ("seconds", "cpu_seconds", "peak_rss_mb", "read_mb", "written_mb")
        }


def compare(
    ours: Callable[[], Sample], theirs: Callable[[], Sample], *, repeats: int
) -> Comparison:
    """Runs two jobs alternately, theirs first, and returns their samples."""
    of_theirs: list[Sample] = []
    of_ours: list[Sample] = []
    for _ in range(repeats):
        of_theirs.append(theirs())
        of_ours.append(ours())
    return Comparison(of_ours, of_theirs)
