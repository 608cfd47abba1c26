"""The project of another team, as `create-dagster` makes one: its files are in `shop/`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any

import dagster as dg
import pytest

from media_assets.tables.built import list_built
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import inserted

PROJECT = Path(__file__).parent / "shop"
BIN = Path(sys.executable).parent


class Shop:
    """The project in a folder of its own, over a home of its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home = folder, home
        self._processes: list[subprocess.Popen[bytes]] = []
        self._logs: list[IO[bytes]] = []

    def load(self) -> dg.Definitions:
        """Loads it into this process."""
        return dg.load_from_defs_folder(path_within_project=self.folder / "src" / "shop")

    def table(self, name: str) -> MediaTable:
        return list_built()[name]

    def insert(self, instance: dg.DagsterInstance, name: str, photos: int) -> str:
        """Records photos of a table, and returns the partition that holds them."""
        table = self.table(name)
        save_photos(self.home / "uploads" / name, photos)
        return inserted(instance, table, self.home / "uploads" / name)

    def asks(self, query: str, variables: dict[str, object]) -> dict[str, Any]:
        """What the UI's GraphQL answers over this location."""
        answer = self.home / "answer.json"
        asked = ["-m", "shop.definitions", "-o", str(answer), "-t", query]
        self.run(*asked, "-v", json.dumps(variables), command="dagster-graphql")
        return json.loads(answer.read_text("utf-8"))["data"]

    def start(self, *arguments: str, command: str = "dg") -> subprocess.Popen[bytes]:
        """Starts a command in the project, as its team would."""
        path = os.pathsep.join([str(self.folder / "src"), str(Path(__file__).parents[1])])
        log = (self.home / f"dg-{len(self._logs)}.log").open("wb")
        self._logs.append(log)
        process = subprocess.Popen(
            [BIN / command, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "DAGSTER_HOME": str(self.home)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    def run(self, *arguments: str, command: str = "dg") -> str:
        """Runs a command to its end, and returns what it prints."""
        process = self.start(*arguments, command=command)
        code = process.wait(timeout=200)
        told = Path(self._logs[-1].name).read_text("utf-8")
        assert code == 0, told
        return told

    def wait_for(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Waits until a step has made a file in the home."""
        ends = monotonic() + 120
        while not (self.home / name).exists():
            told = Path(self._logs[-1].name).read_text("utf-8")
            assert process.poll() is None, told
            assert monotonic() < ends, told
            sleep(0.05)

    def close(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                os.killpg(process.pid, 9)
            process.wait()
        for log in self._logs:
            log.close()


@pytest.fixture
def shop(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """The other team's project, which only has this package installed."""
    folder = tmp_path / "shop-project"
    shutil.copytree(PROJECT, folder)
    monkeypatch.syspath_prepend(folder / "src")
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        monkeypatch.delitem(sys.modules, name)
    shop = Shop(folder, home)
    yield shop
    shop.close()
