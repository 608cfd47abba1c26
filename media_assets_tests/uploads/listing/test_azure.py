"""Uploads in a container of Azure Blob Storage, on Azurite."""

from uuid import uuid4

import pytest

from media_assets.destinations import parse_destination
from media_assets.uploads.listing import Listing
from media_assets.uploads.listing.azure import AzureListing
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.uploads.listing.contract import ODD, ListingContract, Put


@pytest.mark.usefixtures("no_azure")
class TestAzureListing(ListingContract):
    KEYS = (*ODD, "a//b.jpg")

    @pytest.fixture
    def listing(self, azure_server: AzureServer) -> Listing:
        container = azure_server.make_container(f"uploads-{uuid4().hex}")
        return AzureListing(
            parse_destination(f"az://{container}/some/prefix/"), azure_server.settings
        )

    @pytest.fixture
    def put(self, listing: AzureListing) -> Put:
        def put(key: str, content: bytes) -> None:
            with listing._connection.container() as client:
                client.upload_blob(listing._location.prefix + key, content, overwrite=True)

        return put
