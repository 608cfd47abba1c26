"""Names and queries on the command line: text, whatever the locale says of their bytes."""

import os

import click


class _Text(click.ParamType[str]):
    """Text in UTF-8. Paths are left as they are: the file system goes by the locale, too."""

    name = "text"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        del param, ctx
        return os.fsencode(str(value)).decode("utf-8", "backslashreplace")


TEXT = _Text()
