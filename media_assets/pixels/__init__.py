"""The work on pixels: images in, images and measures of them out.

No function changes the image that it is given. Nothing here knows Dagster, tables or storage.
"""
