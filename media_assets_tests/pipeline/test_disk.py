"""Failures of the disk are distinguished from those of an image."""

import errno
import os
from pathlib import Path

import pytest

from media_assets.errors import ShortWriteError, StoreDeniedError, StoreFaultError, StoreFullError
from media_assets.pipeline.disk import disk_faults


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, StoreFullError),
        (errno.EDQUOT, StoreFullError),
        (errno.EFBIG, StoreFullError),
        (errno.EROFS, StoreDeniedError),
        (errno.EACCES, StoreDeniedError),
        (errno.EIO, StoreFaultError),
        (errno.EMFILE, StoreFaultError),
        (errno.ENOENT, StoreFaultError),
    ],
)
def test_disk_errors_stop_the_run(number: int, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught, disk_faults(Path("/media/files/a.jpg")):
        raise OSError(number, os.strerror(number))

    assert type(caught.value) is expected
    assert "file:///media/files" in str(caught.value)
    assert os.strerror(number).lower() in str(caught.value)


def test_a_file_that_ends_early_means_a_full_disk() -> None:
    with pytest.raises(StoreFullError, match="files end early"), disk_faults(Path("/media/a.jpg")):
        raise ShortWriteError("/media/a.jpg")  # noqa: EM101  the path that it takes


def test_an_encoders_error_about_its_image_is_not_changed() -> None:
    refusal = OSError("cannot write mode I;16 as JPEG")

    with pytest.raises(OSError, match="cannot write mode") as caught, disk_faults(Path("/a.jpg")):
        raise refusal

    assert caught.value is refusal
