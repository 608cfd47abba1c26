"""Assets outside a table whose values row functions get: which one, and as what it is loaded."""

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from media_assets.errors import DeclarationError

AssetGiven = dg.AssetKey | str | Sequence[str] | dg.AssetIn
"""An asset as `ins=` names it: its key, as Dagster takes keys, or an `AssetIn` with one."""


@dataclass(frozen=True, slots=True)
class AssetValue:
    """An asset whose value is a parameter of a row function.

    Attributes:
        key: The asset.
        loaded_as: The class that the parameter is annotated with, which IO managers may go by.
    """

    key: dg.AssetKey
    loaded_as: type[object] | None = None


def asset_keys(ins: Mapping[str, AssetGiven], *, column: str) -> dict[str, dg.AssetKey]:
    """Returns the asset of each parameter that `ins=` names.

    Raises:
        DeclarationError: One is no asset key, or an `AssetIn` that says more than its key.
    """
    return {name: _key(name, given, column) for name, given in ins.items()}


def annotated_class(annotation: object) -> type[object] | None:
    """Returns the class that a value is to be loaded as; None where its annotation names none."""
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
        "or a dg.AssetIn that says no more than the key.",
        fix=f"Write it like ins={{{name!r}: dg.AssetKey('price_list')}}.",
    )
