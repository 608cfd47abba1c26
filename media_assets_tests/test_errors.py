"""The errors of the package, all of them in `media_assets.errors`."""

import inspect
import pkgutil
from importlib import import_module

from media_assets import errors
from media_assets.errors import MediaAssetsError, StoreFaultError


def test_every_error_is_exported_by_media_assets_errors() -> None:
    modules = [
        import_module(f"{errors.__name__}.{module.name}")
        for module in pkgutil.iter_modules(errors.__path__)
    ]
    defined = {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, MediaAssetsError)
    }

    assert defined == {kind for _, kind in inspect.getmembers(errors, inspect.isclass)}


def test_a_fault_of_a_storage_says_its_problem_and_its_remedy() -> None:
    for kind in StoreFaultError.__subclasses__():
        if kind.__init__ is StoreFaultError.__init__:
            error = kind("s3://bucket/a.jpg", action="write", reason="{403} no")
            assert error.what.startswith("Could not write s3://bucket/a.jpg: ")
            assert "{403} no" in error.what
            assert error.fix == kind.remedy
