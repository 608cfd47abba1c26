"""The resource that decides where the rows of a step are made."""

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Literal

import dagster as dg
from pydantic import Field

from media_assets.errors import DeclarationError

if TYPE_CHECKING:
    from media_assets.fan_out.cluster import Certificates, DaskCluster
    from media_assets.pipeline import Plan, Result, Work


class FanOut(dg.ConfigurableResource["FanOut"]):
    """Makes the rows of a partition on this machine, or on the workers of a Dask cluster.

    Pass it to the IO manager: `MediaIOManager(fan_out=FanOut(engine="dask", scheduler=...))`.
    """

    engine: Literal["local", "dask"] = Field(
        default="local", description="Where rows are made: on the step's threads, or with Dask."
    )
    scheduler: str | None = Field(
        default=None, description="The scheduler's address: tcp://host:8786, or tls://host:8786."
    )
    chunk_rows: int = Field(
        default=25, ge=1, description="Rows per task. A task should take seconds, not minutes."
    )
    retries: int = Field(default=2, ge=0, description="How often a failed task is retried.")
    tls_authority: str | None = Field(
        default=None, description="PEM file of the certificate authority, for tls://."
    )
    tls_certificate: str | None = Field(default=None, description="PEM file of the certificate.")
    tls_key: str | None = Field(default=None, description="PEM file of the certificate's key.")

    def run(
        self, plan: "Plan", rows: Iterable["Work"], killed: "list[Work] | None" = None
    ) -> Generator["Result"]:
        """Makes the cells of all rows, and yields each row once all its files are in place.

        Args:
            plan: What to make.
            rows: The rows, or the parents of rows.
            killed: A list to which rows are added that were under way when workers of a cluster
                died again and again. If it is not given, that is an error.

        Raises:
            DeclarationError: The engine is `dask` and no scheduler is given, or only some of its
                certificates are.
            StoreFaultError: A destination accepts no files. Rows yielded so far are complete.
        """
        if self.engine == "local":
            from media_assets.pipeline import run_plan

            return run_plan(plan, rows)
        return self._cluster().run(plan, rows, killed)

    def _cluster(self) -> "DaskCluster":
        from media_assets.fan_out.cluster import DaskCluster

        if not self.scheduler:
            raise DeclarationError(
                what='A FanOut has engine="dask" but no scheduler.',
                accepted="The address of a Dask scheduler, such as tcp://10.0.0.1:8786.",
                fix='Pass it: FanOut(engine="dask", scheduler=dg.EnvVar("DASK_SCHEDULER")).',
            )
        return DaskCluster(self.scheduler, self.chunk_rows, self.retries, self._certificates())

    def _certificates(self) -> "Certificates | None":
        from media_assets.fan_out.cluster import Certificates

        given = (self.tls_authority, self.tls_certificate, self.tls_key)
        if not any(given):
            return None
        authority, certificate, key = given
        if authority and certificate and key:
            return Certificates(authority, certificate, key)
        raise DeclarationError(
            what="A FanOut has some of the files for TLS, but not all.",
            accepted="tls_authority, tls_certificate and tls_key together, or none of them.",
            fix="Set all three to PEM files.",
        )
