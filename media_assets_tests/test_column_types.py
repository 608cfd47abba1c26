"""Types by their texts: equal texts are one object, wherever they come from."""

import copy
import pickle

import duckdb
import pytest

from media_assets.column_types import SQL_TYPES, ColumnType

TEXTS = [
    *SQL_TYPES,
    "list[float]",
    "list[list[str | None]]",
    "float[512]",
    "{'x': float, 'in': int | None, 'a b': list[{'at': datetime}]}",
]


@pytest.mark.parametrize("text", TEXTS)
def test_equal_texts_are_one_type_also_copied_and_pickled(text: str) -> None:
    column_type = ColumnType(text)

    assert column_type is ColumnType("".join(list(text)))
    assert pickle.loads(pickle.dumps(column_type)) is column_type  # noqa: S301  its own
    assert copy.deepcopy(column_type) is column_type
    assert (column_type.value, type(column_type.value)) == (text, str)


@pytest.mark.parametrize("text", TEXTS)
def test_every_type_is_one_of_duckdb(text: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"select null::{ColumnType(text).sql}")


@pytest.mark.parametrize(
    "text",
    ["", "float]", "tuple", "list[tuple]", "float[x]", "{}", "{'a': 1}", "f()", "(" * 9_000],
)
def test_other_texts_do_not_name_types(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  of many texts
        ColumnType(text)


def test_a_struct_knows_its_fields() -> None:
    struct = ColumnType.struct_of({"x": ColumnType.FLOAT, "label": ColumnType.STR.or_none})

    assert struct == "{'x': float, 'label': str | None}"
    assert struct.fields["x"] is ColumnType.FLOAT
    assert (struct.fields["label"].kind, struct.fields["label"].is_nullable) == ("str", True)
