"""The facts of a file that is not an image, as a gallery tells them."""

from collections.abc import Mapping

from media_assets.amounts import amount

_LEFT_OUT = {"title", "page_width", "page_height"}
_MINUTE = 60


def tell_facts(facts: Mapping[str, object]) -> str:
    """Returns facts in one line.

    Example:
        >>> tell_facts({"duration": 75.2, "fps": 29.97, "codec": "h264", "audio_codec": "aac"})
        '1:15 · 29.97 fps · h264 · aac'
    """
    return " · ".join(_tell(name, fact) for name, fact in facts.items() if name not in _LEFT_OUT)


def tell_length(facts: Mapping[str, object]) -> str:
    """Returns how long a file is, in time or in pages; "" if that is unknown.

    Example:
        >>> tell_length({"pages": 1.0}), tell_length({"duration": 3_725.0, "fps": 30.0})
        ('1 page', '1:02:05')
    """
    known = ("duration", "pages")
    return next((_tell(name, facts[name]) for name in known if name in facts), "")


def _tell(name: str, fact: object) -> str:
    match name, fact:
        case "duration", int() | float():
            return _clock(float(fact))
        case "fps", int() | float():
            return f"{fact:.4g} fps"
        case "sample_rate", int() | float():
            return f"{fact / 1000:g} kHz"
        case "channels" | "pages", int() | float():
            return amount(int(fact), name.removesuffix("s"))
        case "codec" | "audio_codec", str():
            return fact
        case _:
            return f"{name}: {fact}"


def _clock(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
