"""docs/tour.ipynb runs from its first cell to its last, and shows what it says."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from media_assets.home import CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE

TOUR = Path(__file__).parents[1] / "docs" / "tour.ipynb"


def texts(notebook: nbformat.NotebookNode) -> list[str]:
    """What each code cell shows, pictures aside; folders and times are the reader's own."""
    shown: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            outputs = [o.get("text") or o["data"] for o in cell.outputs]
            plain = [
                o if isinstance(o, str) else o["text/plain"]
                for o in outputs
                if "<img src=" not in str(o)
            ]
            text = re.sub(r"/[\w/-]*?/tour-\w+", "HOME", " ".join("".join(plain).split()))
            text = re.sub(r"\d{8}T\d{4}-\d{4}", "BATCH", text)
            shown.append(re.sub(r"-[0-9a-f]{16}\.|in [\d.]+ s \([\d.]+ rows/s\)", "...", text))
    return shown


def test_the_tour_runs_and_shows_what_is_stored_with_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_aws: None
) -> None:
    for name in (CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("DAGSTER_HOME")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    stored = nbformat.read(TOUR, as_version=4)
    notebook = nbformat.read(TOUR, as_version=4)

    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(tmp_path))

    assert texts(notebook) == texts(stored)
    shown = "\n".join(texts(notebook))
    assert "Inserted 1 row with 0 errors" in shown
    assert "cannot have a presigned URL" in shown
    assert str(notebook).count("<img src=") >= 3
    assert TOUR.stat().st_size < 100_000
