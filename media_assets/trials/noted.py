"""Notes of trials in the home: which code of a column was tried, and how it came out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from media_assets.home import Home

_NOTES = "trials.json"


@dataclass(frozen=True, slots=True)
class TrialNote:
    """The last trial of a column.

    Attributes:
        code_version: The code version that was tried.
        told: How it came out, in words.
    """

    code_version: str
    told: str


def trials_folder(home: Home) -> Path:
    """Returns the folder of the pages and notes of trials."""
    return home.folder / "media" / "trials"


def note_trials(home: Home, table: str, notes: Mapping[str, TrialNote]) -> None:
    """Notes trials of columns, by name; each replaces the note of an earlier one."""
    path = trials_folder(home) / _NOTES
    known = _read(path) | {f"{table}/{name}": asdict(note) for name, note in notes.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=2), encoding="utf-8")


def find_trial(home: Home, table: str, column: str, code_version: str) -> TrialNote | None:
    """Returns the last trial of a column, if it was of this code version."""
    match _read(trials_folder(home) / _NOTES).get(f"{table}/{column}"):
        case {"code_version": str(version), "told": str(told)} if version == code_version:
            return TrialNote(code_version, told)
        case _:
            return None


def _read(path: Path) -> dict[str, object]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # none yet, or damaged: as if nothing had been tried
        return {}
