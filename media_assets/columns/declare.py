"""The declaration of a column from a row function and its options."""

import hashlib
import inspect
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from media_assets.code_versions import source_version
from media_assets.columns.asset_values import AssetGiven, asset_keys
from media_assets.columns.call_options import RETRY_DELAY, RetryOn, check_call_options
from media_assets.columns.model import ComputedColumn, Declared, SourceColumn
from media_assets.columns.signature import Signature, read_signature
from media_assets.columns.where import parse_where
from media_assets.destinations import parse_destination
from media_assets.errors import DeclarationError, ObjectOptionError, OutputFormatError
from media_assets.file_keys import safe_segment
from media_assets.images.formats import ANIMATED_FORMATS, check_keep_metadata
from media_assets.interactive import is_interactive
from media_assets.media_types import medium_of
from media_assets.object_options import ObjectOptions
from media_assets.publishing import PublishedName
from media_assets.values import ColumnType

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_NEWER_KINDS = ("array", "struct", "datetime", "date", "bytes")
_TAKEN = {"row", "partition", "partition_key"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnOptions:
    """The arguments of `MediaTable.computed_column`, unchecked."""

    name: str | None = None
    destination: Declared | None = None
    object_options: Mapping[str, object] | ObjectOptions | None = None
    publish: str | None = None
    values: Collection[str] = ()
    format: str | None = None
    save_options: Mapping[str, object] | None = None
    keep_metadata: Collection[str] = ()
    animated: bool = False
    source: SourceColumn | None = None
    keeps_truncated: bool = False
    code_version: str | None = None
    decode_size: tuple[int, int] | None = None
    batch_size: int | None = None
    processes: bool = False
    row_timeout: timedelta | float | None = None
    max_concurrency: int | None = None
    max_retries: int = 0
    retry_on: RetryOn | None = None
    retry_delay: timedelta | float = RETRY_DELAY
    rate_limit: str | None = None
    where: str | None = None
    ins: Mapping[str, AssetGiven] = field(default_factory=dict[str, AssetGiven])
    description: str | None = None
    asset_options: Mapping[str, object] = field(default_factory=dict[str, object])


def declare_column(function: Callable[..., object], options: ColumnOptions) -> ComputedColumn:
    """Returns the column for a row function and its options, after checking them.

    Raises:
        DeclarationError: A name, annotation, destination, format or option cannot be used.
    """
    name = check_name(options.name or getattr(function, "__name__", ""), what="Column")
    signature = read_signature(
        function,
        column=name,
        is_batch=options.batch_size is not None,
        ins=asset_keys(options.ins, column=name),
    )
    medium = medium_of(signature.returns) if signature.returns.is_medium else None
    if medium is None:
        _refuse_file_options(name, signature, options)
    check_declared_destination(options.destination, column=name)
    object_options = check_object_options(name, options)
    if options.publish is not None:
        PublishedName.of(options.publish, column=name, values=options.values)
    _check_calls(name, signature, options)
    if options.processes:
        _check_importable(name, function)
    encoding = medium and medium.check_encoding(options.format, options.save_options or {})
    if encoding is not None and options.keep_metadata:
        encoding = check_keep_metadata(encoding, options.keep_metadata)
    _check_animations(name, signature, options)
    reads_source = bool(signature.source_files or options.keep_metadata)
    if reads_source and options.source is None:
        raise DeclarationError(
            what=f"Column {name!r} takes facts of a source file, and its table has no uploads.",
            accepted="`ma.SourceFile` and keep_metadata= in tables whose rows are uploads.",
            fix="Read the fact in a column of the parent table, which is a parameter here.",
        )
    return ComputedColumn(
        name=name,
        function=function,
        input_types=signature.input_types,
        type=signature.returns,
        code_version=_code_version(function, name, options, signature),
        is_nullable=signature.is_nullable,
        destination=options.destination,
        object_options=object_options,
        publish=options.publish,
        encoding=encoding,
        decode_size=_check_decode_size(options.decode_size, column=name),
        batch_size=options.batch_size,
        processes=options.processes,
        row_timeout=check_row_timeout(options.row_timeout, what=f"Column {name!r}"),
        is_async=signature.is_async,
        calls=check_call_options(
            name,
            max_concurrency=options.max_concurrency,
            max_retries=options.max_retries,
            retry_on=options.retry_on,
            retry_delay=options.retry_delay,
            rate_limit=options.rate_limit,
        ),
        where=None if options.where is None else parse_where(options.where, column=name),
        resources=signature.resources,
        given=signature.given,
        source=options.source.name if reads_source and options.source else None,
        source_files=signature.source_files,
        animations=signature.animations,
        ins=signature.ins,
        description=options.description or inspect.getdoc(function),
        asset_options=options.asset_options,
    )


def check_name(name: str, *, what: str) -> str:
    """Returns the name if Dagster, SQL and every store can use it unchanged."""
    if _NAME.fullmatch(name) and name not in _TAKEN and safe_segment(name) == name:
        return name
    raise DeclarationError(
        what=f"{what} name {name!r} cannot be used.",
        accepted="A name starts with a lower-case letter and continues with lower-case letters, "
        "digits and underscores, up to 63 characters. `row`, `partition` and `partition_key` are "
        "reserved in every table; names like `con` and `1t2` have a special meaning to file "
        "systems.",
        fix="Name it like `large_thumbnail` (a lambda needs name=).",
    )


def check_declared_destination(destination: Declared | None, *, column: str) -> None:
    """Refuses a destination that cannot be understood; a callable is called only in a run."""
    if isinstance(destination, str):
        parse_destination(destination, source=f"column {column!r}")


def check_object_options(column: str, options: ColumnOptions) -> ObjectOptions:
    """Checks options of objects; against the destination only if that is known already."""
    where = f"column {column!r}"
    found = ObjectOptions.of(options.object_options, where=where)
    if found.requester_pays:
        raise ObjectOptionError(
            where,
            "requester_pays",
            found.requester_pays,
            problem="which is a matter of the bucket",
            accepted="All others; this one by destination, so that every reader knows it.",
            fix="Set it by destination: MediaIOManager(object_options={'s3://bucket/': "
            "{'requester_pays': True}}), or in the settings file.",
        )
    if isinstance(options.destination, str):
        destination = parse_destination(options.destination, source=where)
        found.check_known(destination, where=where)
    return found


def check_row_timeout(given: timedelta | float | None, *, what: str) -> timedelta | None:
    """Returns the time limit for one row; numbers are seconds.

    Raises:
        DeclarationError: It is not above 0.
    """
    if given is None:
        return None
    try:
        time = given if isinstance(given, timedelta) else timedelta(seconds=given)
    except (TypeError, ValueError, OverflowError):
        time = timedelta()
    if time > timedelta() and not isinstance(given, bool):
        return time
    raise DeclarationError(
        what=f"{what} has row_timeout={given!r}.",
        accepted="A number of seconds above 0, or a timedelta; None for no limit.",
        fix="Write it like row_timeout=60, or row_timeout=timedelta(minutes=1).",
    )


def _refuse_file_options(column: str, signature: Signature, options: ColumnOptions) -> None:
    given = (options.destination, options.format, options.save_options, options.publish)
    others = (options.object_options, options.keep_metadata or None)
    if all(option is None for option in (*given, *others)):
        return
    raise DeclarationError(
        what=f"Column {column!r} returns `{signature.returns}`, a value without a file, but it "
        "has a destination, format, save options, object options, publish or keep_metadata=.",
        accepted="These options are for columns that return media, such as `Image.Image`.",
        fix="Drop them, or return an image or another medium.",
    )


def _check_calls(column: str, signature: Signature, options: ColumnOptions) -> None:
    """Checks the options that decide how the function is called."""
    if options.batch_size is not None and options.batch_size < 1:
        raise DeclarationError(
            what=f"Column {column!r} has batch_size={options.batch_size}.",
            accepted="The maximum number of rows per call, 1 or more.",
            fix="Write it like batch_size=32.",
        )
    kinds = signature.input_types.items()
    parts = [name for name, kind in kinds if kind is ColumnType.PARTS]
    taken = [*signature.resources, *signature.given, *parts]
    if options.processes and (options.batch_size is not None or taken):
        also = f"takes {', '.join(taken)}" if taken else "has batch_size="
        raise DeclarationError(
            what=f"Column {column!r} has processes=True, but also {also}.",
            accepted="A function in a separate process receives the cells of one row, and no "
            "objects of this process.",
            fix="Drop processes=True, or make what it needs inside the function.",
        )


def _check_animations(column: str, signature: Signature, options: ColumnOptions) -> None:
    """Checks that a column of animations is annotated as one, and written as one."""
    if options.animated and not signature.animations:
        raise DeclarationError(
            what=f"Column {column!r} has animated=True, but its function takes and returns single "
            "images.",
            accepted="A function that takes or returns a `ma.Animation`, which has all frames.",
            fix="Annotate it like `def small(source_image: ma.Animation) -> ma.Animation`.",
        )
    if signature.animations and options.decode_size is not None:
        raise DeclarationError(
            what=f"Column {column!r} of animations has decode_size=.",
            accepted="Frames are decoded in their full size, one at a time.",
            fix="Drop it, and scale the frames: ma.transforms.thumbnail(animation, size).",
        )
    name = options.format and options.format.upper().removeprefix(".")
    if "return" in signature.animations and name not in (None, *ANIMATED_FORMATS):
        what = "The output format of animations"
        raise OutputFormatError(options.format, what=what, accepted=", ".join(ANIMATED_FORMATS))


def _check_importable(column: str, function: Callable[..., object]) -> None:
    """Refuses a function that another process cannot find by its module and name."""
    path = getattr(function, "__qualname__", "")
    if is_interactive(function):
        raise DeclarationError(
            what=f"Column {column!r} has processes=True, and its function is defined in a notebook "
            "or at Python's prompt.",
            accepted="A function that a new process can import: one at the top level of a module.",
            fix="Move it to a module that the notebook imports, or drop processes=True.",
        )
    if "<" in path:
        raise DeclarationError(
            what=f"Column {column!r} has processes=True, but its function {path!r} is defined "
            "inside another one.",
            accepted="A function that a new process can import: one at the top level of a module.",
            fix="Move it to the top level, or drop processes=True.",
        )


def _check_decode_size(
    decode_size: tuple[int, int] | None, *, column: str
) -> tuple[int, int] | None:
    match decode_size:
        case None | (int(), int()) if decode_size is None or min(decode_size) > 0:
            return decode_size
        case _:
            pass
    raise DeclarationError(
        what=f"Column {column!r} has decode_size={decode_size!r}.",
        accepted="A width and a height in pixels, both above 0.",
        fix="Write it like decode_size=(256, 256).",
    )


def _code_version(
    function: Callable[..., object], column: str, options: ColumnOptions, signature: Signature
) -> str:
    """A column's cells depend on its function, its condition, and how they are encoded or kept.

    Types that were kept the same way before there were others do not, so that no cell is stale.
    """
    version = options.code_version or source_version(function, column=column)
    reads_all = options.source is not None and options.source.name in signature.animations
    output = {
        "format": options.format and options.format.upper(),
        "save_options": dict(options.save_options or {}),
        "decode_size": options.decode_size,
        "keep_metadata": sorted(set(options.keep_metadata)),
        "animations": sorted(signature.animations),
        "truncated": "keep" if options.keeps_truncated and reads_all else None,
        "type": signature.returns.value if _is_newer(signature.returns) else None,
        "where": options.where,
    }
    output = {key: value for key, value in output.items() if value}
    if not output:
        return version
    text = json.dumps(output, sort_keys=True, default=repr)
    return f"{version}+{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _is_newer(returns: ColumnType) -> bool:
    is_other_medium = returns.is_medium and returns is not ColumnType.IMAGE
    return is_other_medium or returns.kind in _NEWER_KINDS
