"""The public surface, typed by hand: a change here is one that users notice."""

import media_assets


def test_the_package_offers_these_names_and_no_others() -> None:
    assert sorted(media_assets.__all__) == [
        "Catalog",
        "MediaColumn",
        "MediaIOManager",
        "MediaTable",
        "build_defs",
        "follow_inputs",
        "transforms",
    ]


def test_every_public_name_is_there() -> None:
    for name in media_assets.__all__:
        assert getattr(media_assets, name) is not None
