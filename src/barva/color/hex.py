"""Colors as #rrggbb."""

from __future__ import annotations

import re
from collections.abc import Iterable

from barva.errors import UsageError

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.ASCII | re.IGNORECASE)


def hex_to_rgb(code: str) -> tuple[float, float, float]:
    """sRGB in 0..1 of '#rrggbb' or '#rgb'.

    Raises:
        UsageError: `code` is neither.

    >>> hex_to_rgb("#f00")
    (1.0, 0.0, 0.0)
    """
    if not _HEX.fullmatch(code):
        raise UsageError("'{color}' is no color: #rgb or #rrggbb is wanted", code="color.no-hex", color=code)
    digits = code[1:] if len(code) == 7 else "".join(d * 2 for d in code[1:])
    r, g, b = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return r, g, b


def rgb_to_hex(rgb: Iterable[int]) -> str:
    """'#rrggbb' of three code values 0..255.

    >>> rgb_to_hex((122, 31, 31))
    '#7a1f1f'
    """
    return "#" + "".join(f"{int(value):02x}" for value in rgb)
