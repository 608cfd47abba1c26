"""What each kind of media tells of its formats."""

import pytest

from media_assets.audio.streams import AUDIO_FORMATS
from media_assets.media_types import AUDIO, DOCUMENT, VIDEO, MediaType
from media_assets.video.streams import VIDEO_FORMATS

FORMATS = [
    *((VIDEO, name, "video/") for name in VIDEO_FORMATS),
    *((AUDIO, name, "audio/") for name in AUDIO_FORMATS if name != "mov"),
    (AUDIO, "mov", "video/quicktime"),
    (DOCUMENT, "pdf", "application/pdf"),
]


@pytest.mark.parametrize(("medium", "name", "expected"), FORMATS)
def test_browsers_are_told_what_every_format_is(
    medium: MediaType, name: str, expected: str
) -> None:
    assert medium.content_type(name).startswith(expected)
