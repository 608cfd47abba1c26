"""Keys of Dagster's partitions: their dimensions, and the known keys."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import dagster as dg

JOINT = "|"
"""Separates the keys of two dimensions, as in Dagster."""

_STAND_IN = "any"


def dimensions_of(
    definition: dg.PartitionsDefinition | None,
) -> Mapping[str, dg.PartitionsDefinition]:
    """Returns the dimensions of multi-partitions, in the order of their keys; otherwise none."""
    if not isinstance(definition, dg.MultiPartitionsDefinition):
        return {}
    return {one.name: one.partitions_def for one in definition.partitions_defs}


def has_key(definition: dg.PartitionsDefinition, key: str) -> bool:
    """Whether there is such a partition; dynamic partitions are created with their rows."""
    if isinstance(definition, dg.DynamicPartitionsDefinition):
        return bool(key)
    dimensions = dimensions_of(definition)
    if not dimensions:
        return definition.has_partition_key(key)
    keys = key.split(JOINT)
    return len(keys) == len(dimensions) and all(map(has_key, dimensions.values(), keys))


def known_keys(definition: dg.PartitionsDefinition) -> list[str] | None:
    """Returns all keys in Dagster's order; None if only the instance knows them."""
    parts = [definition, *dimensions_of(definition).values()]
    if any(isinstance(part, dg.DynamicPartitionsDefinition) for part in parts):
        return None
    return [str(key) for key in definition.get_partition_keys()]


def dynamic_keys(
    definition: dg.PartitionsDefinition | None, partitions: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """Returns the instance's dynamic partition keys that partitions need, by name."""
    if isinstance(definition, dg.DynamicPartitionsDefinition):
        return {definition.name: partitions} if definition.name else {}
    found: dict[str, Sequence[str]] = {}
    for place, dimension in enumerate(dimensions_of(definition).values()):
        of_dimension = dict.fromkeys(partition.split(JOINT)[place] for partition in partitions)
        found |= dynamic_keys(dimension, list(of_dimension))
    return found


def keys_between(
    definition: dg.PartitionsDefinition | None, first: str, last: str, known: Sequence[str]
) -> list[str]:
    """Returns the known keys in a range, which applies to each dimension, as in Dagster."""
    dimensions = max(len(dimensions_of(definition)), 1)

    def split(key: str) -> list[str]:
        return key.split(JOINT) if dimensions > 1 else [key]

    spans: list[set[str]] = []
    for place in range(dimensions):
        order = list(dict.fromkeys(split(key)[place] for key in known))
        begin, end = (order.index(split(key)[place]) for key in (first, last))
        spans.append(set(order[begin : end + 1]))
    return [
        key
        for key in known
        if all(part in span for part, span in zip(split(key), spans, strict=True))
    ]


def some_keys(definition: dg.PartitionsDefinition) -> Iterator[str]:
    """Yields keys that represent all: each of a list, a span's first and last, any dynamic one."""
    if dimensions := dimensions_of(definition):
        yield from map(JOINT.join, product(*map(some_keys, dimensions.values())))
    elif isinstance(definition, dg.DynamicPartitionsDefinition):
        yield _STAND_IN
    elif isinstance(definition, dg.StaticPartitionsDefinition):
        yield from definition.get_partition_keys()
    else:
        ends = (definition.get_first_partition_key(), definition.get_last_partition_key())
        yield from dict.fromkeys(str(key) for key in ends if key is not None)
