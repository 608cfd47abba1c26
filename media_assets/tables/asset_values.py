"""The values of outside assets that row functions receive, loaded once per step."""

import pickle
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import partial

import dagster as dg

from media_assets.columns import AssetValue, Column, ComputedColumn
from media_assets.errors import AssetValueError
from media_assets.tables.asset_versions import AssetVersions

_known: ContextVar[Mapping[dg.AssetKey, dg.AssetsDefinition] | None] = ContextVar(
    "_known", default=None
)


@contextmanager
def assets_known(definitions: Mapping[dg.AssetKey, dg.AssetsDefinition]) -> Generator[None]:
    """Lets steps started within it take values of assets that their job does not contain.

    A job of a table's assets with resources of its own cannot contain assets with other resources.
    """
    token = _known.set(definitions)
    try:
        yield
    finally:
        _known.reset(token)


class AssetValues:
    """The asset values that a step's columns take, each loaded when first needed.

    The job contains the assets, unless `assets_known` gives them.
    """

    def __init__(self, instance: dg.DagsterInstance, job: dg.JobDefinition, table: str) -> None:
        self._instance, self._job, self._table = instance, job, table
        # Read before the values: if an asset is materialized in between, the older version is
        # noted, and the next run makes the cells again.
        self._versions = AssetVersions(lambda: instance)
        self._loaded: dict[tuple[AssetValue, str | None], object] = {}

    def given_to(self, columns: Sequence[Column], partition: str) -> list[Column]:
        """Returns the columns with their asset values for this partition bound to their functions.

        Raises:
            AssetValueError: An asset was never materialized, or its value cannot be loaded, or
                cannot be sent to the function's process.
        """
        known = self._versions.known_to(columns, partition)
        return [self._given(column, partition) for column in known]

    def _given(self, column: Column, partition: str) -> Column:
        if not isinstance(column, ComputedColumn) or not column.ins:
            return column
        values = {name: self._value(column, value, partition) for name, value in column.ins.items()}
        if not column.processes:
            return replace(column, function=partial(column.function, **values))
        return replace(column, parcel=self._parcel(column, values))

    def _value(self, column: ComputedColumn, value: AssetValue, partition: str) -> object:
        newest = self._versions.newest(value.key, partition)
        if newest is None:
            asset = value.key.to_user_string()
            raise self._error(
                column,
                value,
                f"has no materialization that it could use for partition {partition!r}",
                fix=f"Materialize it first: dg launch --assets {asset}",
            )
        chosen = value, newest.partition
        if chosen not in self._loaded:
            self._loaded[chosen] = self._load(column, *chosen)
        return self._loaded[chosen]

    def _load(self, column: ComputedColumn, value: AssetValue, partition: str | None) -> object:
        graph = self._job.asset_layer.asset_graph
        definition = (_known.get() or {}).get(value.key) or graph.get(value.key).assets_def
        if definition.is_auto_created_stub:
            fix = f"Define the asset in the same project as table {self._table!r}, or correct ins=."
            raise self._error(column, value, "is not in this code location", fix=fix)
        try:
            with dg.AssetValueLoader({value.key: definition}, self._instance) as loader:
                return loader.load_asset_value(
                    value.key, python_type=value.loaded_as, partition_key=partition
                )
        except Exception as error:
            problem = f"cannot be loaded ({type(error).__name__}: {error})"
            fix = "Materialize it again, or fix what its IO manager reports."
            raise self._error(column, value, problem, fix=fix) from error

    def _parcel(self, column: ComputedColumn, values: dict[str, object]) -> bytes:
        for name, value in values.items():
            try:
                pickle.dumps(value)
            except Exception as error:
                problem = f"cannot be sent to another process ({type(error).__name__}: {error})"
                fix = "Return a value that can be pickled, or drop processes=True."
                raise self._error(column, column.ins[name], problem, fix=fix) from error
        return pickle.dumps(values)

    def _error(
        self, column: ComputedColumn, value: AssetValue, problem: str, *, fix: str
    ) -> AssetValueError:
        return AssetValueError(
            value.key.to_user_string(),
            column=f"{self._table}/{column.name}",
            problem=problem,
            fix=fix,
        )
