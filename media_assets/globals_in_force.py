"""The global settings in force, as the page of a resource in Dagster shows them."""

from collections.abc import Mapping

from media_assets.errors import HomeNotFoundError, MediaAssetsError
from media_assets.home import Home, find_home
from media_assets.masking import mask_secrets
from media_assets.resources import resolve_variable
from media_assets.settings import choose_settings


def describe_globals(fields: Mapping[str, object]) -> str:
    """Returns the globals as they are now, as Markdown; empty where there is no home.

    A setting that cannot be used is told, too: a code location loads all the same.

    Args:
        fields: The values that the resource got in code, by the names of settings.
    """
    try:
        home = find_home()
        lines = _lines(fields, home)
    except HomeNotFoundError:
        return ""
    except MediaAssetsError as error:
        lines = [mask_secrets(str(error))]
    listed = "\n".join(f"- {line}" for line in lines)
    return f"In force when this code was loaded, unless run config says otherwise:\n\n{listed}"


def _lines(fields: Mapping[str, object], home: Home) -> list[str]:
    code = {name: resolve_variable(value, home.variable) for name, value in fields.items()}
    settings = choose_settings(home, code)
    defaults = {
        "output_media_dest": f"`{home.local_storage}`, local storage",
        "input_media_dest": "none: uploads stay where they are",
        "catalog": f"`{home.catalog}`, local storage",
    }
    named = {
        name: f"`{mask_secrets(str(found.value))}`, by {found.source}"
        for name in defaults
        if (found := settings.get(name)) is not None
    }
    return [f"`{name}`: {text}" for name, text in {**defaults, **named}.items()]
