"""Random tables, and a plain Python evaluation of what their cells should hold."""

import inspect
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from hypothesis import strategies as st
from PIL import Image

from media_assets.tables.table import MediaTable

SOURCE = "source_image"
VALUE_TYPES: tuple[type, ...] = (float, int, str, bool, dict, list)
FORMATS = ("png", "tiff")


@dataclass(frozen=True)
class Spec:
    """A computed column: what it reads, and which of many functions it is by `edition`."""

    name: str
    reads: tuple[str, ...]
    holds: type
    format: str = "png"
    batch: int | None = None
    decode_size: tuple[int, int] | None = None
    is_picky: bool = False
    is_in_place: bool = False
    edition: int = 0

    @property
    def is_image(self) -> bool:
        return self.holds is Image.Image

    def edited(self) -> "Spec":
        return replace(self, edition=self.edition + 1)


class PickyError(Exception):
    """What a picky function raises for some rows."""


@dataclass(frozen=True)
class Failed:
    """A cell that is an error row."""


Cell = Any
"""An image as its file holds it, a value, or `Failed`."""


def number_of(spec: Spec, arguments: Sequence[object]) -> int:
    """A number that changes when anything that a function sees does."""
    seen = [
        (a.mode, a.size, a.tobytes()) if isinstance(a, Image.Image) else repr(a) for a in arguments
    ]
    return int(sha256(repr((spec.name, spec.edition, seen)).encode()).hexdigest()[:8], 16)


def compute(spec: Spec, arguments: Mapping[str, object]) -> object:
    """The row function of a column."""
    number = number_of(spec, [arguments[name] for name in spec.reads])
    images = [a for a in arguments.values() if isinstance(a, Image.Image)]
    if spec.is_picky and number % 3 == 0:
        raise PickyError
    if spec.is_image:
        return _image(spec, images, number)
    made = {
        float: number / 7,
        int: number - 2**31,
        str: f"Größe {number:x}",
        bool: number % 2 == 0,
        dict: {"n": number, "deep": {"x": [number % 10, None]}},
        list: [number % 10, "a", {"b": number / 3}],
    }
    return None if number % 11 == 0 else made[spec.holds]


def _image(spec: Spec, images: list[Image.Image], number: int) -> Image.Image | None:
    image = images[0] if images else Image.new("RGB", (4 + number % 5, 4), (number % 256, 1, 2))
    colour = (number % 256, number // 256 % 256, 7, 255)[: len(image.getbands())]
    if spec.is_in_place and len(images) == 1:
        image.putpixel((0, 0), colour)
        return None
    turned = image.transpose(Image.Transpose(number % 7))
    turned.putpixel((turned.width - 1, 0), colour)
    return turned


def evaluate(spec: Spec, inputs: Mapping[str, Cell]) -> Cell:
    """What a cell should hold, by plain Python and Pillow."""
    if any(isinstance(cell, Failed) for cell in inputs.values()):
        return Failed()
    arguments = {name: _seen(spec, cell) for name, cell in inputs.items()}
    try:
        made = compute(spec, arguments)
    except PickyError:
        return Failed()
    if made is None and spec.is_image:
        return next(a for a in arguments.values() if isinstance(a, Image.Image))
    return made


def _seen(spec: Spec, cell: Cell) -> Cell:
    if not isinstance(cell, Image.Image):
        return cell
    if spec.decode_size is not None:
        factor = min(cell.width // spec.decode_size[0], cell.height // spec.decode_size[1])
        if factor > 1:
            return cell.reduce(factor)
    return cell.copy()


def table_of(specs: Sequence[Spec], *, rows_per_partition: int) -> MediaTable:
    """Declares a table with these columns, in this order."""
    table = MediaTable("graph", rows_per_partition=rows_per_partition)
    types: dict[str, Any] = {SOURCE: Image.Image} | {spec.name: spec.holds for spec in specs}
    for spec in specs:
        table.computed_column(
            name=spec.name,
            code_version=str(spec.edition),
            format=spec.format if spec.is_image else None,
            batch_size=spec.batch,
            decode_size=spec.decode_size,
        )(_function(spec, types))
    return table


def _function(spec: Spec, types: Mapping[str, Any]) -> Callable[..., object]:
    """The function of a column under the signature that a user would write."""

    def one(**arguments: object) -> object:
        return compute(spec, arguments)

    def many(**arguments: list[object]) -> object:
        rows = zip(*(arguments[name] for name in spec.reads), strict=True)
        return [compute(spec, dict(zip(spec.reads, row, strict=True))) for row in rows]

    def annotation(name: str) -> Any:  # noqa: ANN401  a type
        return types[name] if spec.batch is None else list[types[name]]

    function = one if spec.batch is None else many
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation(name))
        for name in spec.reads
    ]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]
    names = {name: annotation(name) for name in (*spec.reads, spec.name)}
    function.__annotations__ = {**names, "return": names.pop(spec.name)}
    return function


def photo(seed: int) -> Image.Image:
    """A small photo; its seed says mode, size and content."""
    chance = random.Random(seed)  # noqa: S311  pixels, no secrets
    mode = chance.choice(("RGB", "L", "RGBA"))
    size = (chance.randint(3, 24), chance.randint(3, 24))
    return Image.frombytes(mode, size, chance.randbytes(size[0] * size[1] * len(mode)))


@st.composite
def graphs(draw: st.DrawFn) -> list[Spec]:
    """Columns that read each other and the source, declared in any order."""
    specs: list[Spec] = []
    for number in range(draw(st.integers(3, 6))):
        known = [SOURCE, *(spec.name for spec in specs)]
        reads = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
        sizes = st.sampled_from([None, None, (1, 8), (4, 3)])
        specs.append(
            Spec(
                name=f"column_{number}",
                reads=tuple(reads),
                holds=draw(st.sampled_from((Image.Image, Image.Image, *VALUE_TYPES))),
                format=draw(st.sampled_from(FORMATS)),
                batch=draw(st.sampled_from([None, None, 1, 3])),
                decode_size=draw(sizes),
                is_picky=draw(st.integers(0, 3)) == 0,
                is_in_place=draw(st.booleans()),
            )
        )
    return draw(st.permutations(specs))
