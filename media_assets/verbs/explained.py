"""What is known of a file: plain values for programs, and a line for each for people."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg

from media_assets.catalog.asked_file import AskedFile
from media_assets.catalog.origin import Input, Origin, State
from media_assets.columns import ComputedColumn
from media_assets.interactive import is_interactive
from media_assets.media_types import all_facts
from media_assets.records.facts import decode_facts
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Record
from media_assets.tables.table import MediaTable
from media_assets.uploads.row_history import PastUpload, rows_of_file
from media_assets.uploads.stored_table import StoredTable
from media_assets.values import shorten_value

Facts = Mapping[str, Any]
"""What is known of a file in one row, by name, as plain values."""

_NOT_KEPT = "no longer known: the manifests of that time were deleted"


@dataclass(frozen=True, slots=True)
class Code:
    """The code, as far as it is known.

    Attributes:
        tables: The declared tables by name.
        defs: All definitions; None if they are unknown.
    """

    tables: Mapping[str, MediaTable]
    defs: dg.Definitions | None = None


def facts_of(origin: Origin, code: Code, root: CatalogRoot, asked: AskedFile) -> Facts:
    """Returns what the catalog and the code say of a file in one row."""
    record, table = origin.record, code.tables.get(origin.table)
    column = _computed(table, origin.column)
    return {
        "table": origin.table,
        "column": origin.column,
        "row": origin.row,
        "partition": origin.partition,
        "state": origin.state.value,
        "ended_at": origin.ended_at,
        "successor": _successor(origin.successor),
        "upload": _upload(origin.upload),
        "upload_now": _upload(origin.upload_now),
        "inputs": {one.column: _input(one) for one in origin.inputs},
        "function": _maker(table, column) if table and column else None,
        "code_version": record.code_version if record and not origin.is_source else None,
        "made_by_code_version": origin.made_by if record and not origin.is_source else None,
        "code_version_now": column.code_version if column else None,
        "run_id": record.run_id if record else None,
        "written_at": record.written_at if record else None,
        "destination": origin.destination,
        "decided_by": origin.decided_by,
        "is_source": origin.is_source,
        "format": record.format if record else None,
        "width": record.width if record else None,
        "height": record.height if record else None,
        "facts": _facts_of_kind(record),
        "size_bytes": record.size_bytes if record else None,
        "digest": record.digest if record else None,
        "error": record.error_message if record else None,
        "read_by": _readers(origin, table),
        "read_by_assets": _assets(origin, table, code.defs),
        "uploaded_to": [
            f"{name}/{row}"
            for name in sorted(code.tables)
            if name != origin.table
            for row in rows_of_file(StoredTable(root, name).log, asked.addresses())
        ],
    }


def tell(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yields what people are told of a file in one row, as names and texts."""
    column = facts["column"]
    yield "is", f"column {facts['table']}/{column}" if column else f"an upload of {facts['table']}"
    yield "row", f"{facts['row']}, in partition {facts['partition']}"
    yield "state", _state(facts)
    if facts["upload"]:
        yield "upload", _told_upload(facts["upload"])
    if facts["upload_now"]:
        yield "upload now", _told_upload(facts["upload_now"])
    for name, one in facts["inputs"].items():
        yield "input", f"{name}: {_told_input(one)}"
    if facts["code_version"]:
        yield "function", _function(facts)
    if facts["run_id"]:
        yield (
            "read" if facts["is_source"] else "made",
            f"{_time(facts['written_at'])}, by run {facts['run_id']}",
        )
    yield "destination", _destination(facts)
    if facts["format"]:
        yield "file", _file(facts)
    if facts["error"]:
        yield "error", facts["error"]
    yield "read by", _told_readers(facts)


def _computed(table: MediaTable | None, name: str | None) -> ComputedColumn | None:
    columns = table.computed_columns if table else ()
    return next((column for column in columns if column.name == name), None)


def _maker(table: MediaTable, column: ComputedColumn) -> str:
    """Returns what makes a column's cells: a row function, or what splits rows into parts."""
    if table.splitting is not None and column.name == table.source.name:
        return table.splitting.splitter.description
    return _place_of(column)


def _place_of(column: ComputedColumn) -> str:
    """Returns a row function's name with its file and line."""
    function = inspect.unwrap(column.function)
    name = f"{function.__module__}.{getattr(function, '__qualname__', column.name)}"
    if is_interactive(function):
        return name
    try:
        file, (_, line) = inspect.getsourcefile(function), inspect.getsourcelines(function)
    except (OSError, TypeError):  # a builtin, or the file is gone
        return name
    return f"{name} ({Path(file).name}:{line})" if file else name


def _facts_of_kind(record: Record | None) -> dict[str, object]:
    """Returns the facts of a video, document, ... that have no name of their own above."""
    found = decode_facts(record.facts if record else None)
    return {name: fact for name, fact in found.items() if name in all_facts()}


def _successor(record: Record | None) -> dict[str, object] | None:
    if record is None:
        return None
    return {
        "fileurl": record.fileurl,
        "error": record.error_message,
        "run_id": record.run_id,
        "written_at": record.written_at,
    }


def _upload(past: PastUpload | None) -> dict[str, object] | None:
    if past is None:
        return None
    return {
        "address": past.upload.address,
        "size_bytes": past.upload.size_bytes,
        "version": past.upload.version,
        "recorded_at": past.recorded_at,
    }


def _input(one: Input) -> dict[str, object]:
    return {"fileurl": one.fileurl, "value": one.value, "is_known": one.is_kept}


def _readers(origin: Origin, table: MediaTable | None) -> list[str]:
    declared = table.computed_columns if table else ()
    names = [column.name for column in declared if origin.column in column.reads]
    return list(dict.fromkeys([*origin.read_by, *names]))


def _assets(
    origin: Origin, table: MediaTable | None, defs: dg.Definitions | None
) -> list[str] | None:
    """Returns the assets outside the table that read a column; None if they are unknown."""
    if defs is None or origin.column is None:
        return None
    key = table.asset_key(origin.column) if table else dg.AssetKey(origin.table.split("/"))
    graph = defs.resolve_asset_graph()
    if key not in graph.get_all_asset_keys():
        return None
    own = {*map(table.asset_key, table.own_names)} if table else set[object]()
    return sorted("/".join(child.path) for child in graph.get(key).child_keys - own)


def _state(facts: Facts) -> str:
    when = f" at {_time(facts['ended_at'])}" if facts["ended_at"] else ""
    if facts["state"] == State.CURRENT:
        return "current"
    if facts["state"] == State.DELETED:
        return f"no longer in the table: its row was deleted{when}"
    after, upload = facts["successor"], facts["upload_now"]
    if facts["state"] == State.MOVED:
        return f"moved{when}: the same content is at {upload['address']}"
    if after is None:
        return f"replaced{when}" + (f" by {upload['address']}" if upload else "")
    what = after["fileurl"] or (f"an error: {after['error']}" if after["error"] else "null")
    return f"replaced{when}, in run {after['run_id']}, by {what}"


def _told_upload(upload: Facts) -> str:
    size = upload["size_bytes"]
    facts = [f"{size:,} bytes"] if size >= 0 else []
    facts += [f"version {upload['version']}"] if upload["version"] else []
    return f"{upload['address']} ({', '.join([*facts, _time(upload['recorded_at'])])})"


def _told_input(one: Facts) -> str:
    if not one["is_known"]:
        return _NOT_KEPT
    value = one["value"] if one["fileurl"] is None else one["fileurl"]
    return "null" if value is None else str(shorten_value(value))


def _function(facts: Facts) -> str:
    version, now = facts["code_version"], facts["code_version_now"]
    made_by = facts["made_by_code_version"]
    is_accepted = made_by not in (None, version)
    told = f"{version}, accepted for what {made_by} made" if is_accepted else version
    if now is None:
        return f"code version {told}"
    is_same = "as it is now" if now == version else f"changed since: now {now}"
    return f"{facts['function']}, code version {told} ({is_same})"


def _destination(facts: Facts) -> str:
    if facts["destination"]:
        return f"{facts['destination']}, decided by {facts['decided_by']}"
    if facts["is_source"]:
        return "none: the upload stays in place"
    return _NOT_KEPT


def _file(facts: Facts) -> str:
    told = [facts["format"]]
    if facts["width"]:
        told.append(f"{facts['width']} x {facts['height']} pixels")
    told += [f"{name} {fact}" for name, fact in facts["facts"].items()]
    told += [f"{facts['size_bytes']:,} bytes", f"SHA-256 {facts['digest']}"]
    return ", ".join(told)


def _told_readers(facts: Facts) -> str:
    columns, assets = facts["read_by"], facts["read_by_assets"]
    told = [f"column {name}" for name in columns]
    told += [f"asset {name}" for name in assets or ()]
    told += [f"upload {name}" for name in facts["uploaded_to"]]
    unknown = " (assets outside the table are not known without the definitions)"
    return (", ".join(told) or "nothing") + (unknown if assets is None else "")


def _time(moment: datetime | None) -> str:
    return "an unknown time" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
