"""A shop's products, each photo in the sizes that its website shows, at addresses to build."""

import media_assets as ma

products = ma.MediaTable("products", values={"sku": str, "title": str})

sizes = products.derived_table(
    "sizes",
    ma.split.renditions(widths=(320, 640, 1280), formats={"webp": {"quality": 80}, "jpeg": {}}),
    publish="img/{sku}-{width}.{format}",
    object_options={"cache_control": "public, max-age=3600"},
)


@products.computed_column()
def sharpness(source_image: ma.Image) -> float:
    """How sharp the photo is: a blurred one has to be taken again."""
    return ma.transforms.sharpness(source_image)


@products.check()
def is_sharp(sharpness: float) -> bool:
    """Shown in Dagster beside the table."""
    return sharpness > 20


defs = ma.build_defs([products])
