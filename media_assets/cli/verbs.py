"""The verbs, each with its line in the help, which is shown without importing any of them."""

from types import MappingProxyType

VERBS = MappingProxyType(
    {
        "init": "Create a project with a table to edit.",
        "insert": "Insert files or rows of data, and make all columns.",
        "update": "Give rows other values, and make what depends on them.",
        "scan": "Record new and changed uploads, without making columns.",
        "materialize": "Make what is missing or out of date.",
        "try": "Make some rows with changed code, and compare; nothing is kept.",
        "accept": "Count the standing cells as made by the changed code.",
        "branch": "Make a branch of the tables, list branches, or drop one.",
        "diff": "Show which rows and cells of a branch differ from main.",
        "ship": "Bring what a branch changed into main; nothing is computed.",
        "show": "Show the rows of a table: files and values.",
        "describe": "Show the columns of a table: types, counts, destinations.",
        "status": "Show one line per table, or what is stale.",
        "errors": "List the cells with an error, and why.",
        "sql": "Run a query over the catalog.",
        "explain": "Say where a file came from.",
        "plan": "Show where files would be written, and who decided.",
        "check": "Try every destination with a small file.",
        "presign": "Print URLs with which anyone can read files for a while.",
        "gallery": "Write a page with a table's files.",
        "export": "Write files to a folder, for other programs.",
        "delete": "Delete rows.",
        "drop": "Delete all that was written for a table or column.",
        "verify": "Verify that files exist and are unchanged.",
        "gc": "Delete files that no result refers to.",
        "restore": "Take back a partition's earlier result.",
    }
)

WITHOUT_CODE = frozenset(
    {"init", "show", "errors", "sql", "presign", "gallery", "export", "verify"}
)
"""Verbs that seldom need a code location, and import Dagster only then."""
