"""A dataset as one of Hugging Face's package `datasets`, where that is installed."""

import json
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from media_assets.errors import PackageMissingError
from media_assets.values import ColumnType

if TYPE_CHECKING:
    from media_assets.exports.dataset import MediaDataset

_PACKAGE = "datasets"
_FEATURES = {"image": "Image", "video": "Video", "audio": "Audio", "document": "Pdf"}
_TYPES = {
    "float": "float64",
    "int": "int64",
    "str": "string",
    "bool": "bool_",
    "bytes": "binary",
    "date": "date32",
    "dict": "string",
    "list": "string",
}
"""Arrow's types; what has no type in Arrow is JSON."""


def to_hugging_face(dataset: "MediaDataset") -> Any:  # noqa: ANN401  the package is optional
    """Returns a `datasets.Dataset`; `MediaDataset.to_hugging_face` describes it.

    Raises:
        PackageMissingError: The package is not installed.
    """
    try:
        datasets: Any = import_module(_PACKAGE)
    except ImportError as error:
        raise PackageMissingError(_PACKAGE, what="to_hugging_face()") from error
    features = datasets.Features.from_arrow_schema(arrow_schema(dataset))
    made = datasets.Dataset.from_generator(
        examples, features=features, gen_kwargs={"dataset": dataset}
    )
    # Afterwards: features take a file's bytes from a generator only if their decoders are there.
    for name, kind in dataset.columns.items():
        feature = getattr(datasets, _FEATURES.get(kind, ""), None)
        if feature is not None:  # an older version has none for video and documents
            made = made.cast_column(name, feature())
    return made


def examples(dataset: "MediaDataset") -> Iterator[dict[str, object]]:
    """Yields each row as the package takes it: media as their files' bytes."""
    kinds = {name: ColumnType(kind) for name, kind in dataset.columns.items()}
    for place in range(len(dataset)):
        cells = {name: _cell(dataset, name, kind, place) for name, kind in kinds.items()}
        yield {"row": dataset.row(place), **cells}


def arrow_schema(dataset: "MediaDataset") -> Any:  # noqa: ANN401  pyarrow has no types
    """Returns the Arrow schema of `examples`."""
    arrow: Any = import_module("pyarrow")
    fields = [("row", arrow.string())]
    for name, kind in dataset.columns.items():
        fields.append((name, _arrow_type(arrow, ColumnType(kind))))
    return arrow.schema(fields)


def _cell(dataset: "MediaDataset", name: str, kind: ColumnType, place: int) -> object:
    if kind.is_medium:
        file = dataset.file(name, place)
        return None if file is None else {"bytes": dataset.read(file), "path": None}
    return _in_arrow(dataset.value(name, place), kind)


def _in_arrow(value: Any, kind: ColumnType) -> object:  # noqa: ANN401
    """Returns a value as Arrow takes it, with JSON for what has no type."""
    if value is None:
        return None
    if kind in (ColumnType.DICT, ColumnType.LIST):
        return json.dumps(value, ensure_ascii=False)
    if kind.fields:
        return {name: _in_arrow(value[name], of) for name, of in kind.fields.items()}
    if kind.item is not None and not kind.is_binary:
        return [_in_arrow(each, kind.item) for each in value]
    return value


def _arrow_type(arrow: Any, kind: ColumnType) -> Any:  # noqa: ANN401
    if kind.is_medium:
        return arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    if kind.item is not None:
        return arrow.list_(_arrow_type(arrow, kind.item))
    match kind.kind:
        case "array":
            return arrow.list_(arrow.float32(), kind.length)
        case "struct":
            return arrow.struct(
                [(name, _arrow_type(arrow, of)) for name, of in kind.fields.items()]
            )
        case "datetime":
            return arrow.timestamp("us", tz="UTC")
        case _:
            return getattr(arrow, _TYPES[kind.kind])()
