"""Where files go: parse a destination, and decide which one applies. No storage here."""

from media_assets.destinations.hosts import region_of
from media_assets.destinations.model import Destination, Provider
from media_assets.destinations.parse import parse_destination, parse_fileurl
from media_assets.destinations.resolve import (
    DecidedBy,
    GlobalSetting,
    ResolvedDestination,
    environment_variable,
    resolve_destination,
)

__all__ = [
    "DecidedBy",
    "Destination",
    "GlobalSetting",
    "Provider",
    "ResolvedDestination",
    "environment_variable",
    "parse_destination",
    "parse_fileurl",
    "region_of",
    "resolve_destination",
]
