"""The Azure server of the tests: Azurite."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote
from uuid import uuid4

from media_assets.stores.azure import AzureSettings
from media_assets_tests.servers.install import AZURITE_PROGRAM, install_azurite, node
from media_assets_tests.servers.shared import shared_server
from media_assets_tests.servers.web import fetch

_ACCOUNT = "devstoreaccount1"
# Azurite's own, the same everywhere and printed in its documentation.
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_OPTIONS = ("--skipApiVersionCheck", "--disableTelemetry", "--inMemoryPersistence")
_ACCESS = re.compile(rf'"([A-Z]+) /{_ACCOUNT}(/[^ ?"]*)')


@dataclass(frozen=True)
class AzureServer:
    """A running Azurite with one account."""

    url: str
    log: Path
    account_key: str = _KEY

    @classmethod
    def start(cls, folder: Path) -> "AzureServer":
        install_azurite()
        address = ("--blobHost", "127.0.0.1", "--blobPort", "0")
        command = [*node(), str(AZURITE_PROGRAM), *address, *_OPTIONS]
        url = shared_server("azurite", folder, command)
        return cls(f"{url}/{_ACCOUNT}", folder / "azurite.log")

    @property
    def settings(self) -> AzureSettings:
        return AzureSettings(account_url=self.url, account_key=self.account_key)

    def make_container(self, name: str) -> str:
        """Makes a container, and returns its name."""
        from azure.storage.blob import BlobServiceClient

        with BlobServiceClient(self.url, credential=self.account_key) as service:
            service.create_container(name).close()
        return name

    def reader(self, container: str) -> AzureSettings:
        """The settings of somebody who may read and list one container."""
        return self._with_rights(container, "rl")

    def writer(self, container: str) -> AzureSettings:
        """The settings of somebody who may do everything with the files of one container."""
        return self._with_rights(container, "racwdl")

    def _with_rights(self, container: str, rights: str) -> AzureSettings:
        from azure.storage.blob import ContainerSasPermissions, generate_container_sas

        token = generate_container_sas(
            _ACCOUNT,
            container,
            self.account_key,
            permission=ContainerSasPermissions.from_string(rights),
            expiry=datetime.now(UTC) + timedelta(hours=1),
        )
        return AzureSettings(account_url=self.url, sas_token=token)

    def requests(self, container: str) -> list[str]:
        """Returns the requests for a container so far, as `PUT /container/key`.

        Azurite logs a request after it has answered: what follows a request of our own is there.
        """
        last = f"/{_ACCOUNT}/{uuid4().hex}"
        fetch(self.url.removesuffix(f"/{_ACCOUNT}") + last)
        while last not in self.log.read_text():
            time.sleep(0.01)
        found = _ACCESS.findall(self.log.read_text())
        return [
            f"{verb} {unquote(path)}" for verb, path in found if path.split("/")[1] == container
        ]
