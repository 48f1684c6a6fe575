"""Hex codes of colors, there and back."""

from __future__ import annotations

import pytest

from barva.color.hex import hex_to_rgb, rgb_to_hex
from barva.errors import UsageError


def test_there_and_back() -> None:
    for value in range(256):
        code = rgb_to_hex((value, 255 - value, 7))
        assert [round(v * 255) for v in hex_to_rgb(code)] == [value, 255 - value, 7]
    assert hex_to_rgb("#A3f") == hex_to_rgb("#aa33ff") and rgb_to_hex(b"\x7a\x1f\x1f") == "#7a1f1f"


@pytest.mark.parametrize("code", ["7a1f1f", "#7a1f", "#7a1f1g", "#", "#7a1f1f ", "#\u0661\u0662\u0663"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(UsageError, match="is no color"):
        hex_to_rgb(code)
