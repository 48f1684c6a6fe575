"""Files and arrays in, Photos out, and back again: pixels exactly, and everything else that a file holds.

Importing this package loads no decoder; libvips, OpenCV and Pillow come with the first picture.
"""

from barva.imaging.formats import extension, format_of
from barva.imaging.photo import Envelope, Photo
from barva.imaging.read import MAX_PIXELS, read, read_pages

__all__ = ["MAX_PIXELS", "Envelope", "Photo", "extension", "format_of", "read", "read_pages"]
