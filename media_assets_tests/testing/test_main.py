from pathlib import Path

import pytest

from media_assets.testing.__main__ import main


def test_the_command_prints_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "photos"

    main([str(folder), "1"])
    main([str(folder), "2"])

    assert capsys.readouterr().out.splitlines() == [
        f"1 sample photos in {folder} (1 drawn, 0 already there)",
        f"2 sample photos in {folder} (1 drawn, 1 already there)",
    ]
