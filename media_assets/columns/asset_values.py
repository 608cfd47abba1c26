"""Outside assets whose values row functions take: their keys, and the types to load."""

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from media_assets.errors import DeclarationError

AssetGiven = dg.AssetKey | str | Sequence[str] | dg.AssetIn
"""An asset as given in `ins=`: its key, in any form that Dagster accepts, or an `AssetIn`."""


@dataclass(frozen=True, slots=True)
class AssetValue:
    """An asset whose value is a parameter of a row function.

    Attributes:
        key: The asset.
        loaded_as: The class in the parameter's annotation, which IO managers may use.
    """

    key: dg.AssetKey
    loaded_as: type[object] | None = None


def asset_keys(ins: Mapping[str, AssetGiven], *, column: str) -> dict[str, dg.AssetKey]:
    """Returns the asset for each parameter in `ins=`.

    Raises:
        DeclarationError: One is not an asset key, or an `AssetIn` with more than a key.
    """
    return {name: _key(name, given, column) for name, given in ins.items()}


def annotated_class(annotation: object) -> type[object] | None:
    """Returns the class to load a value as; None if the annotation is not a class."""
    origin = typing.get_origin(annotation) or annotation
    return origin if isinstance(origin, type) else None


def _key(name: str, given: AssetGiven, column: str) -> dg.AssetKey:
    match given:
        case dg.AssetKey():
            return given
        case dg.AssetIn(key=dg.AssetKey() as key) if given == dg.AssetIn(key):
            return key
        case str() if given:
            return dg.AssetKey.from_user_string(given)
        case dg.AssetIn():
            pass
        case [*parts] if parts:
            return dg.AssetKey(parts)
        case _:
            pass
    raise DeclarationError(
        what=f"Column {column!r} has ins={{{name!r}: {given!r}}}.",
        accepted="An asset's key: a dg.AssetKey, a text like 'team/price_list', a list of texts, "
        "or a dg.AssetIn with nothing but the key.",
        fix=f"Write it like ins={{{name!r}: dg.AssetKey('price_list')}}.",
    )
