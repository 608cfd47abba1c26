"""Images converted to sRGB, by their ICC profile or by other colours that their file states."""

from PIL import Image

from media_assets.images import modes, profiles
from media_assets.images.stated import Stated

_GRAY = frozenset({"L", "LA", "La", "I;16", "I;16B", "I;16L", "I;16N"})
_COLOUR = frozenset({"P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr"})


def in_srgb(image: Image.Image, profile: profiles.Profile) -> Image.Image:
    """Returns an RGB or RGBA image that looks the same and needs no profile."""
    if not modes.has_transparency(image):
        base = modes.to_opaque(image, {"L", "RGB", "CMYK"})
        return profiles.to_srgb(base, profile) if profiles.describes(profile, base.mode) else base
    layered = modes.with_alpha(image)
    alpha = layered.getchannel("A")
    base = layered.convert(layered.mode[:-1])
    if profiles.describes(profile, base.mode):
        base = profiles.to_srgb(base, profile)
    base.putalpha(alpha)
    return base


def convert_stated(image: Image.Image, stated: Stated) -> Image.Image:
    """Returns the image in sRGB, without a profile; unchanged if nothing else is stated.

    Gray stays gray, with 8 bits.
    """
    is_gray = image.mode in _GRAY
    content = stated.gray if is_gray else stated.rgb if image.mode in _COLOUR else None
    if content is None:
        return image
    shown = in_srgb(image, profiles.Profile(content, "GRAY" if is_gray else "RGB"))
    shown.info.pop("icc_profile", None)
    if not is_gray:
        return shown
    return shown.convert("LA") if shown.mode == "RGBA" else shown.getchannel("R")
