"""Types of columns: media, single values, lists, arrays of one length, structs."""

import ast
from collections.abc import Mapping
from typing import ClassVar, cast

SQL_TYPES = {
    "image": "varchar",
    "float": "double",
    "int": "bigint",
    "str": "varchar",
    "bool": "boolean",
    "dict": "json",
    "list": "json",
    "datetime": "timestamptz",
    "date": "date",
    "bytes": "blob",
}
"""The types that are a name, and what each is in DuckDB."""

_ASKED = ("ndarray", "parts")
"""What only parameters of row functions are."""
_MEDIA = {"image"}


def add_medium(name: str) -> None:
    """Makes the name of a kind of media a type, whose cells are files."""
    _MEDIA.add(name)
    SQL_TYPES[name] = "varchar"


class ColumnType(str):
    """What one cell of a column is: a medium, such as an image, with a file of its own, or a value.

    It is its own text, in the syntax of Python: `image`, `float`, `list[str]`, `float[512]` for
    512 numbers, `{'x': float, 'label': str | None}` for a `dict` with these keys. Equal texts are
    one object.

    >>> ColumnType("list[{'x': float}]").item.fields["x"] is ColumnType.FLOAT
    True

    Attributes:
        kind: `list`, `array`, `ndarray`, `parts`, `struct`, or the text itself. An `ndarray` is how
            a row function asks for numbers as NumPy's, `parts` for those of its row; no column
            holds either.
        is_nullable: Whether it may be None, in a list or a struct.
        item: What each item of a list is; None for all other types, and a `list` of anything.
        length: How many numbers an array has; 0 for any number.
        fields: What a struct holds under each key.
    """

    __slots__ = ("fields", "is_nullable", "item", "kind", "length")

    IMAGE: ClassVar["ColumnType"]
    FLOAT: ClassVar["ColumnType"]
    INT: ClassVar["ColumnType"]
    STR: ClassVar["ColumnType"]
    BOOL: ClassVar["ColumnType"]
    DICT: ClassVar["ColumnType"]
    LIST: ClassVar["ColumnType"]
    DATETIME: ClassVar["ColumnType"]
    DATE: ClassVar["ColumnType"]
    BYTES: ClassVar["ColumnType"]
    PARTS: ClassVar["ColumnType"]

    kind: str
    is_nullable: bool
    item: "ColumnType | None"
    length: int
    fields: Mapping[str, "ColumnType"]

    def __new__(cls, text: str) -> "ColumnType":  # noqa: PYI034  equal texts are one object
        """Returns the type of a text; a `ValueError` for one that is none."""
        if text not in _KNOWN:
            made = str.__new__(cls, text)
            try:
                made._parse(ast.parse(text, mode="eval").body)  # noqa: SLF001  its own
            except (SyntaxError, RecursionError, MemoryError) as error:
                raise ValueError(text) from error
            _KNOWN.setdefault(str.__str__(text), made)
        return _KNOWN[text]

    @classmethod
    def array_of(cls, length: int) -> "ColumnType":
        """Returns the type of arrays of so many numbers."""
        return cls(f"float[{length}]")

    @classmethod
    def list_of(cls, item: "ColumnType") -> "ColumnType":
        """Returns the type of lists of such items."""
        return cls(f"list[{item}]")

    @classmethod
    def struct_of(cls, fields: Mapping[str, "ColumnType"]) -> "ColumnType":
        """Returns the type of dicts that have these keys."""
        return cls("{" + ", ".join(f"{name!r}: {kind}" for name, kind in fields.items()) + "}")

    @property
    def value(self) -> str:
        """Its text, as a plain `str`."""
        return str.__str__(self)

    @property
    def or_none(self) -> "ColumnType":
        """The type of the same values and None."""
        return self if self.is_nullable else ColumnType(f"{self} | None")

    @property
    def is_medium(self) -> bool:
        """Whether its cells are files: images, videos, and the like."""
        return self.kind in _MEDIA

    @property
    def is_binary(self) -> bool:
        """Whether its values are kept as bytes: bytes, and lists of nothing but numbers."""
        return self.kind in ("bytes", "array") or self in ("list[float]", "list[int]")

    @property
    def sql(self) -> str:
        """Its type in DuckDB."""
        match self.kind:
            case "list" if self.item is not None:
                return f"{self.item.sql}[]"
            case "array":
                return f"float[{self.length}]"
            case "struct":
                inner = (
                    '"' + name.replace('"', '""') + f'" {kind.sql}'
                    for name, kind in self.fields.items()
                )
                return f"struct({', '.join(inner)})"
            case _:
                return SQL_TYPES[self.kind]

    def _parse(self, node: ast.expr) -> None:
        self.is_nullable, self.item, self.length, self.fields = False, None, 0, {}
        match node:
            case ast.Name(name) if name in SQL_TYPES or name in _ASKED:
                self.kind = name
            case ast.Subscript(ast.Name("list"), item):
                self.kind, self.item = "list", ColumnType(ast.unparse(item))
            case ast.Subscript(ast.Name("float" | "ndarray" as name), ast.Constant(int(length))):
                self.kind, self.length = {"float": "array"}.get(name, name), length
            case ast.Dict(keys, values) if keys:
                names = [cast("str", ast.literal_eval(key or node)) for key in keys]
                kinds = [ColumnType(ast.unparse(value)) for value in values]
                self.kind, self.fields = "struct", dict(zip(names, kinds, strict=True))
            case ast.BinOp(of, ast.BitOr(), ast.Constant(None)):
                self._parse(of)
                self.is_nullable = True
            case _:
                raise ValueError(str(self))


_KNOWN: dict[str, ColumnType] = {}
ColumnType.IMAGE = ColumnType("image")
ColumnType.FLOAT = ColumnType("float")
ColumnType.INT = ColumnType("int")
ColumnType.STR = ColumnType("str")
ColumnType.BOOL = ColumnType("bool")
ColumnType.DICT = ColumnType("dict")
ColumnType.LIST = ColumnType("list")
ColumnType.DATETIME = ColumnType("datetime")
ColumnType.DATE = ColumnType("date")
ColumnType.BYTES = ColumnType("bytes")
ColumnType.PARTS = ColumnType("parts")
