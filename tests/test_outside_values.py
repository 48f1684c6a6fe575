"""What values from outside are: whole numbers, texts of one line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from barva.values import is_whole, one_line


@pytest.mark.parametrize("value", [0, 7, np.int64(7), np.uint8(255)])
def test_whole_numbers(value: Any) -> None:
    assert is_whole(value)


@pytest.mark.parametrize("value", [True, np.bool_(True), 3.0, float("nan"), "3", None, [3], -1])
def test_what_is_no_count(value: Any) -> None:
    assert not is_whole(value)


def test_both_ends_belong_to_the_range() -> None:
    assert [n for n in range(-3, 9) if is_whole(n, -1, 4)] == [-1, 0, 1, 2, 3, 4]


def test_one_line_cannot_steer_a_terminal() -> None:
    assert one_line("Kyiv\n1936\x1b[2J\u200e і Львів") == "Kyiv 1936 [2J  і Львів"
