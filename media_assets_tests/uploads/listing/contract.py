"""What every listing of uploads promises, held against a real server or folder."""

from collections.abc import Callable

from media_assets.uploads.listing import Listing

Put = Callable[[str, bytes], None]
"""Writes a file below the location, by its key."""

ODD = ("a b+c.jpg", "per%25cent.jpg", "ü/日本.jpg", "#?.jpg", "~x.jpg", "z/")


class ListingContract:
    """Subclasses bring the fixtures `listing` and `put`."""

    KEYS = ODD

    def test_all_files_come_once_in_the_order_of_their_keys(
        self, listing: Listing, put: Put
    ) -> None:
        for key in self.KEYS:
            put(key, b"" if key.endswith("/") else key.encode())

        files = list(listing.files())

        assert [file.upload.row for file in files] == sorted(self.KEYS)
        assert {f.upload.row: f.upload.size_bytes for f in files} == {
            key: 0 if key.endswith("/") else len(key.encode()) for key in self.KEYS
        }

    def test_going_on_after_any_file_gives_the_rest(self, listing: Listing, put: Put) -> None:
        for key in self.KEYS:
            put(key, b"")
        files = list(listing.files())

        for number, file in enumerate(files):
            rest = [f.upload.row for f in listing.files(file.place)]
            assert rest == [f.upload.row for f in files[number + 1 :]]

    def test_an_empty_location_has_no_files(self, listing: Listing) -> None:
        assert list(listing.files()) == []

    def test_a_version_changes_with_the_content(self, listing: Listing, put: Put) -> None:
        put("a.jpg", b"one")
        (before,) = listing.files()
        put("a.jpg", b"two")

        (after,) = listing.files()

        assert after.upload.uri == before.upload.uri
        assert after.upload.version != before.upload.version
