"""Links to stored files that a browser can open, and when they expire."""

import re
from datetime import UTC, datetime, timedelta

from media_assets.errors import NotSignableError, UnsafeKeyError
from media_assets.masking import mask_secrets
from media_assets.reading import Reader
from media_assets.urls import presign

_WEB = ("https://", "http://")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]+)?(?=[/?#]|$)", re.IGNORECASE)


class Links:
    """Links to files: public URLs, else signed ones if the files are in cloud storage.

    Attributes:
        expires_at: When the signed links stop working; None if none has been signed.
        origins: The servers that links lead to, as `https://host`.
    """

    def __init__(self, reader: Reader, expires_in: timedelta) -> None:
        self._reader, self._expires_in = reader, expires_in
        self._signed_until = datetime.now(UTC) + expires_in
        self.expires_at: datetime | None = None
        self.origins: set[str] = set()

    def link(self, fileurl: str) -> str | None:
        """Returns a link to a file; None if a browser cannot open one, or it may hold a secret.

        Raises:
            ExpiryError: The provider does not sign links for that long.
        """
        if public := self._reader.public.of_file(fileurl):
            return self._noted(public)
        if fileurl.startswith("file:///"):
            return fileurl
        try:
            link = presign(fileurl, self._expires_in, self._reader)
        except (NotSignableError, UnsafeKeyError):  # or a name that browsers would change
            return None
        if not link.lower().startswith(_WEB):
            return None
        if link == fileurl != mask_secrets(fileurl):
            return None
        if link != fileurl:
            self.expires_at = self._signed_until
        return self._noted(link)

    def _noted(self, link: str) -> str:
        """Returns a link, whose server the page may then ask."""
        if origin := _ORIGIN.match(link):
            self.origins.add(origin[0])
        return link
