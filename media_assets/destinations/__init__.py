"""Destinations of files: their syntax, and the order of precedence."""

from media_assets.destinations.hosts import region_of
from media_assets.destinations.model import Destination, Provider
from media_assets.destinations.parse import parse_destination, parse_fileurl
from media_assets.destinations.resolve import (
    DecidedBy,
    Named,
    ResolvedDestination,
    first_named,
    resolve_destination,
)

__all__ = [
    "DecidedBy",
    "Destination",
    "Named",
    "Provider",
    "ResolvedDestination",
    "first_named",
    "parse_destination",
    "parse_fileurl",
    "region_of",
    "resolve_destination",
]
