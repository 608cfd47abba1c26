"""A listing in memory: a whole implementation of the protocol, with pages to count."""

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import replace

from media_assets.uploads.listing import ListedFile
from media_assets.uploads.upload import Upload

PAGE_FILES = 1_000


class MemoryListing:
    """Files by key, listed in pages of a thousand like a bucket."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._files: dict[str, ListedFile] = {}
        self.pages = 0

    def put(self, key: str, version: str, *, size: int = 1, is_settled: bool = True) -> None:
        upload = Upload(key, f"s3://bucket/{key}", size, version)
        if key not in self._files:
            insort(self._keys, key)
        self._files[key] = ListedFile(key, upload, is_settled)

    def settle(self) -> None:
        self._files = {k: replace(f, is_settled=True) for k, f in self._files.items()}

    def remove(self, key: str) -> None:
        self._keys.remove(key)
        del self._files[key]

    @property
    def uploads(self) -> dict[str, Upload]:
        return {key: file.upload for key, file in self._files.items()}

    def files(self, after: str = "") -> Iterator[ListedFile]:
        while True:
            start = bisect_right(self._keys, after)
            page = self._keys[start : start + PAGE_FILES]
            self.pages += 1
            for key in page:
                if key in self._files:
                    yield self._files[key]
            if len(page) < PAGE_FILES:
                return
            after = page[-1]
