"""ICC colour profiles: which of them matter, and the conversion of pixels to sRGB."""

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageCms

# Differences up to this, of 255, come from rounding between versions of the sRGB profile: for these
# 0 or 1 was measured in real photos, for Adobe RGB 102 and for a camera's own profile 64.
_SAME_COLOUR = 3
_SPACES = {
    "1": "GRAY",
    "L": "GRAY",
    "LA": "GRAY",
    "La": "GRAY",
    "I;16": "GRAY",
    "P": "RGB",
    "PA": "RGB",
    "RGB": "RGB",
    "RGBA": "RGB",
    "RGBa": "RGB",
    "RGBX": "RGB",
    "YCbCr": "RGB",
    "CMYK": "CMYK",
}
_MODES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}


@dataclass(frozen=True, slots=True)
class Profile:
    """A valid ICC profile and its colour space: GRAY, RGB or CMYK."""

    content: bytes
    space: str


def profile_of(image: Image.Image) -> Profile | None:
    """Returns the profile that an image needs to show its colours.

    None if it has none, or one that is broken, for another mode, or sRGB itself, which is assumed
    for files without a profile.
    """
    content = image.info.get("icc_profile")
    if not isinstance(content, bytes) or not content:
        return None
    profile = _judge(content)
    return profile if profile and describes(profile, image.mode) else None


def describes(profile: Profile, mode: str) -> bool:
    """Returns whether a profile is for images of this mode."""
    return _SPACES.get(mode) == profile.space


def to_srgb(image: Image.Image, profile: Profile) -> Image.Image:
    """Returns an RGB image that looks the same and needs no profile."""
    return _transform(profile.content, image.mode).apply(image)


@lru_cache(maxsize=32)
def _judge(content: bytes) -> Profile | None:
    """Returns the profile if it is valid and differs from sRGB; takes milliseconds, then cached."""
    space = content[16:20].decode("latin-1").strip()
    mode = _MODES.get(space)
    if mode is None:
        return None
    try:
        sample = _sample_colours(mode)
        seen = _transform(content, mode).apply(sample)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None  # Broken profiles fail in any of these ways.
    if mode == "CMYK":
        return Profile(content, space)
    plain = zip(sample.convert("RGB").tobytes(), seen.tobytes(), strict=True)
    differs = any(abs(before - after) > _SAME_COLOUR for before, after in plain)
    return Profile(content, space) if differs else None


def _sample_colours(mode: str) -> Image.Image:
    """Returns an image with colours from all over a mode's range."""
    if mode == "L":
        return Image.frombytes("L", (256, 1), bytes(range(256)))
    steps = range(0, 256, 51)
    bands = len(mode) - 3
    cube = [(red, green, blue) for red in steps for green in steps for blue in steps]
    content = b"".join(bytes(colour) + b"\0" * bands for colour in cube)
    return Image.frombytes(mode, (len(cube), 1), content)


@lru_cache(maxsize=32)
def _transform(content: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    """Builds the conversion from a profile to sRGB; Little CMS lets threads share it."""
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(BytesIO(content)),
        ImageCms.createProfile("sRGB"),  # pyright: ignore[reportUnknownArgumentType]  # untyped
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
