"""Acceptance of cells in the catalog, beside runs that commit at the same time."""

from dataclasses import replace

from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import commit_manifest, commit_over, newest_manifest
from media_assets.upkeep.accepting import Acceptance, accept, is_acceptance
from media_assets_tests.catalogs import commit, failure, header, image

CHANGE = Acceptance("new", "old", "accept 1", "somebody: renamed a variable")


def test_cells_of_one_version_count_as_made_by_another_and_are_else_as_they_were(
    root: CatalogRoot,
) -> None:
    cells = [
        image("a", "file:///a", code_version="old", run_id="monday"),
        image("b", "file:///b", code_version="older", run_id="sunday"),
    ]
    commit(root, header("small"), cells)
    ledger = root.ledger("photos", "small", "p1")

    done = accept(ledger, CHANGE)

    assert done is not None
    manifest, count = done
    assert count == 1
    assert {r.row: (r.code_version, r.run_id) for r in manifest.records.values()} == {
        "a": ("new", "monday"),
        "b": ("older", "sunday"),
    }
    assert [r.fileurl for r in manifest.records.values()] == ["file:///a", "file:///b"]
    assert is_acceptance(manifest)
    stored = newest_manifest(ledger)
    assert stored is not None
    assert (stored.header.note, stored.header.run_id) == (CHANGE.note, "accept 1")
    assert accept(ledger, CHANGE) is None


def test_an_error_counts_as_made_by_the_new_code_too(root: CatalogRoot) -> None:
    commit(root, header("small"), [replace(failure("a"), code_version="old")])

    done = accept(root.ledger("photos", "small", "p1"), CHANGE)

    assert done is not None
    assert done[0].records["a"].error_message == "too dark"


def test_a_run_that_commits_at_the_same_time_keeps_its_cells(root: CatalogRoot) -> None:
    head = header("small")
    base = commit(root, head, [image("a", "file:///old", code_version="old")])
    ledger = root.ledger("photos", "small", "p1")
    run = image("a", "file:///new", code_version="newest")
    commit_manifest(ledger, header("small"), {"a": run}, base=base)

    late = commit_over(ledger, head, [image("a", "file:///old", code_version="new")], base=base)

    assert late is None
    newest = newest_manifest(ledger)
    assert newest is not None
    assert newest.records["a"].fileurl == "file:///new"
    assert accept(ledger, CHANGE) is None
