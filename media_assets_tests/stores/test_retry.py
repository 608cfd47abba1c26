"""A row's request is made again where the fault may pass, a few times, and no other fault is."""

from pathlib import Path

import pytest

from media_assets.errors import StoreDeniedError, StoreFaultError, StoreUnreachableError
from media_assets.pipeline.writing import Placement
from media_assets.stores.memory import MemoryStore
from media_assets.stores.protocol import Attributes
from media_assets.stores.retry import retried


class ShakyStore(MemoryStore):
    """A store whose server cannot be reached for the first few uploads."""

    def __init__(self, failures: int) -> None:
        super().__init__("shaky")
        self.failures = failures

    def put_file(
        self,
        key: str,
        staged: Path,
        *,
        content_type: str | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreUnreachableError(self.fileurl(key), action="write", reason="no route")
        super().put_file(key, staged, content_type=content_type, attributes=attributes)


def attempts_at(error: StoreFaultError, *, failures: int) -> int:
    """How often a request was made that fails so often."""
    made = 0

    def request() -> int:
        nonlocal made
        made += 1
        if made <= failures:
            raise error
        return made

    try:
        retried(request, pauses=(0.0, 0.0))
    except StoreFaultError:
        return made
    return made


def test_a_server_that_is_back_soon_costs_no_row(tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    staged.write_bytes(b"image")
    store = ShakyStore(failures=1)

    Placement("flipped", store, "a/b.jpg", staged, "image/jpeg").place()

    assert store.get("a/b.jpg") == b"image"


@pytest.mark.parametrize(("failures", "made"), [(0, 1), (1, 2), (2, 3), (9, 3)])
def test_attempts_are_few(failures: int, made: int) -> None:
    error = StoreUnreachableError("s3://b/k", action="read", reason="no route")

    assert attempts_at(error, failures=failures) == made


def test_what_does_not_pass_is_not_tried_again() -> None:
    error = StoreDeniedError("s3://b/k", action="read", reason="denied")

    assert attempts_at(error, failures=1) == 1
