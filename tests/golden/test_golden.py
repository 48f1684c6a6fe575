"""Golden pictures: what the public API makes of small photos stays what it was.

After a change that is wanted: `pytest tests/golden -n 0 --update-golden`, then look at what changed and say so in the
commit. On a failure the folder that the message names holds before, after and their difference.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from golden_scenarios import SCENARIOS
from PIL import Image

from barva.color import spaces
from barva.color.difference import ciede2000

FOLDER = Path(__file__).parent / "pictures"

SIDE = 64
"""Longest side of the stored pictures, px."""

MEAN, SHARE, LARGE = 0.3, 0.005, 3.0
"""Accepted: mean CIEDE2000, and the share of pixels that differ by more than `LARGE`. Networks and solvers give
slightly different numbers on other processors."""


def stored(picture: np.ndarray) -> np.ndarray:
    """What is kept of a picture: RGB, its longest side at most `SIDE`."""
    image = Image.fromarray(np.ascontiguousarray(picture[..., :3]))
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=None)
    return np.asarray(image)


@pytest.mark.parametrize("name", SCENARIOS)
def test_pictures_stay_as_they_are(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    after, path = stored(SCENARIOS[name]()), FOLDER / f"{name}.png"
    if request.config.getoption("--update-golden"):
        FOLDER.mkdir(exist_ok=True)
        Image.fromarray(after).save(path, optimize=True)
        return
    before = np.asarray(Image.open(path).convert("RGB"))
    assert before.shape == after.shape, f"{name}: {before.shape} became {after.shape}"
    error = ciede2000(spaces.fast_rgb_to_lab(before), spaces.fast_rgb_to_lab(after))
    if error.mean() <= MEAN and (error > LARGE).mean() <= SHARE:
        return
    shown = np.repeat(np.clip(error * 12, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    for label, picture in (("before", before), ("after", after), ("difference", shown)):
        Image.fromarray(picture).save(tmp_path / f"{name}.{label}.png")
    worst = f"mean {error.mean():.2f}, {(error > LARGE).mean():.1%} above {LARGE:g} CIEDE2000"
    raise AssertionError(f"{name} changed ({worst}): {tmp_path} holds before, after and difference")


def test_no_picture_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.png")} == set(SCENARIOS)
    assert sum(path.stat().st_size for path in FOLDER.glob("*.png")) < 600_000


def test_a_change_would_be_noticed() -> None:
    """The tolerance is not so wide that another color passes."""
    before = np.asarray(Image.open(FOLDER / "region_mask.png").convert("RGB"))
    changed = before.copy()
    changed[25:40, 20:32] = changed[25:40, 20:32][..., ::-1]
    error = ciede2000(spaces.fast_rgb_to_lab(before), spaces.fast_rgb_to_lab(changed))
    assert error.mean() > MEAN or (error > LARGE).mean() > SHARE
