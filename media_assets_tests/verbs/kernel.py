"""A notebook's kernel for tests: cells in, what they show out."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from media_assets.home import variable_of
from media_assets.settings import SETTINGS


@dataclass
class Shown:
    """What a cell shows.

    Attributes:
        text: All plain text, of streams and of values.
        html: All HTML.
        errors: What it writes on standard error.
        error: The text of the exception that ended it.
        traceback: What the notebook shows of that.
    """

    text: str = ""
    html: str = ""
    errors: str = ""
    error: str | None = None
    traceback: str = ""

    def take(self, message: dict[str, Any]) -> None:
        """Takes a message of the kernel."""
        content = message["content"]
        match message["msg_type"]:
            case "stream" if content["name"] == "stderr":
                self.errors += content["text"]
            case "stream":
                self.text += content["text"]
            case "execute_result" | "display_data":
                self.text += content["data"].get("text/plain", "")
                self.html += content["data"].get("text/html", "")
            case "error":
                self.error = content["evalue"]
                self.traceback = "\n".join(content["traceback"])
            case _:
                pass


@dataclass
class Kernel:
    """A kernel that runs."""

    manager: KernelManager
    client: BlockingKernelClient

    def run(self, cell: str) -> Shown:
        """Runs a cell, and returns what it shows."""
        shown = Shown()
        self.client.execute_interactive(
            cell, output_hook=shown.take, allow_stdin=False, timeout=180
        )
        return shown


@contextmanager
def started_kernel(folder: Path) -> Generator[Kernel]:
    """Starts a kernel in a folder, whose user has a folder of his own beside it and no settings."""
    unset = {"DAGSTER_HOME", *map(variable_of, SETTINGS)}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment["HOME"] = str(folder.parent / "user")
    folder.mkdir(exist_ok=True)
    (folder.parent / "user").mkdir(exist_ok=True)
    manager = KernelManager(kernel_name="python3")
    assert manager.kernel_spec is not None
    manager.kernel_spec.argv[0] = sys.executable
    manager.start_kernel(env=environment, cwd=str(folder))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=120)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
