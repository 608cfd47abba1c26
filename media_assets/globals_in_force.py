"""The current global settings, as a resource's page in the Dagster UI shows them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from inspect import getdoc
from typing import Any, TypeVar, cast

from pydantic import BaseModel, Field, create_model

from media_assets.errors import HomeNotFoundError, MediaAssetsError
from media_assets.home import find_home
from media_assets.masking import mask_secrets
from media_assets.resources import resolve_variable
from media_assets.settings import choose_settings

Resource = TypeVar("Resource", bound=BaseModel)


def describe_globals(fields: Mapping[str, object]) -> str:
    """Returns the current global settings as Markdown; empty if there is no home.

    A setting that cannot be used is reported in the text; the code location loads all the same.

    Args:
        fields: The values set on the resource in code, by the names of settings.
    """
    try:
        lines = [f"`{name}`: {text}" for name, text in _in_force(fields).items()]
    except HomeNotFoundError:
        return ""
    except MediaAssetsError as error:
        lines = [mask_secrets(str(error))]
    listed = "\n".join(f"- {line}" for line in lines)
    return f"In effect when this code was loaded, unless run config overrides it:\n\n{listed}"


def shown_class(own: type[Resource], fields: Mapping[str, object]) -> type[Resource]:
    """Returns a resource's class with the current settings in its and its fields' descriptions.

    Dagster describes a resource's fields only by its class. The values do not become defaults: the
    launchpad would write them into every run's config, where they would outlive later changes.

    Args:
        own: The class; its fields for global settings have default factories.
        fields: The values set on the resource in code, by the names of settings.
    """
    texts: Mapping[str, str] = {}
    with suppress(MediaAssetsError):  # reported in the resource's description
        texts = _in_force(fields)
    described: dict[str, Any] = {}
    for name, text in texts.items():
        field = own.model_fields[name]
        description = f"In effect: {text}. {field.description or ''}".strip()
        factory = cast("Callable[[], object]", field.default_factory)
        described[name] = (
            field.annotation,
            Field(default_factory=factory, description=description),
        )
    name = str(own.__name__)
    shown = create_model(name, __base__=own, __module__=own.__module__, **described)
    shown.__qualname__ = own.__qualname__
    shown.__doc__ = f"{getdoc(own)}\n\n{describe_globals(fields)}".strip()
    return shown


def _in_force(fields: Mapping[str, object]) -> Mapping[str, str]:
    home = find_home()
    code = {name: resolve_variable(value, home.variable) for name, value in fields.items()}
    settings = choose_settings(home, code)
    defaults = {
        "output_media_dest": f"`{home.local_storage}`, local storage",
        "input_media_dest": "none: uploads stay where they are",
        "catalog": f"`{home.catalog}`, local storage",
    }
    named = {
        name: f"`{mask_secrets(str(found.value))}`, from {found.source}"
        for name in defaults
        if (found := settings.get(name)) is not None
    }
    return {**defaults, **named}
