"""IO managers with the credentials of a test's own server, as plain settings."""

from media_assets.installation import InCode, Installation
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage


def manager_with(storage: Storage, **fields: str) -> MediaIOManager:
    """Returns a manager with these fields, which has its credentials from no resource."""
    manager = MediaIOManager(**fields)  # pyright: ignore[reportArgumentType]
    opened = Installation.open(InCode(fields, storage=storage))
    manager.opened[opened.home, None] = opened
    return manager
