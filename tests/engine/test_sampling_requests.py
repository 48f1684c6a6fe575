"""Methods that draw their answers: seeds, steps, hints, drafts, regions drawn anew; on tiny weights, which say nothing
of how good the colors are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

from PIL import Image

import barva
from barva.cli.app import run as command
from barva.engine.colorizer import Colorizer
from barva.engine.request import Request
from barva.engine.sampling import Redraw, Sampling
from barva.errors import UsageError, WeightsError
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Box, Mask, Point, Polygon
from barva.methods import catalog
from barva.methods.base import Draft, PaintOptions
from barva.runtime import weights
from diffusion_kit import write_weights

NAMES = ("tiny", "tiny-few", "tiny-palette")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    for name, of in zip(NAMES, ("diffusion", "diffusion_distilled", "diffusion_palette"), strict=True):
        write_weights(folder, name, of)
    return folder


@pytest.fixture(autouse=True)
def own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weights.VARIABLE, str(folder))


@pytest.fixture(scope="module")
def photo(grey: np.ndarray) -> np.ndarray:
    return grey[:96, :128]


FEW = Sampling(steps=2)


def test_without_weights_one_clear_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WeightsError, match=r"diffusion_palette comes without weights: train them .* BARVA_WEIGHTS"):
        Colorizer("diffusion_palette")
    assert command(["colorize", "x.jpg", "--method", "diffusion_palette"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.delenv(weights.VARIABLE)
    assert "diffusion_palette" not in catalog.names(), "nothing is listed that cannot run"


def test_own_weights_may_have_the_familys_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_weights(tmp_path, "diffusion_palette", "diffusion_palette")
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    assert "diffusion_palette" in catalog.names() and catalog.card("diffusion_palette").samples


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_picture_another_seed_another(name: str, photo: np.ndarray) -> None:
    first, again = (Colorizer(name).colorize(photo, seed=7, sampling=FEW).array() for _ in range(2))
    other = Colorizer(name).colorize(photo, seed=8, sampling=FEW).array()
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert np.array_equal(first.mean(axis=2).shape, photo.shape)


def test_threads_change_nothing(photo: np.ndarray) -> None:
    pictures = [Colorizer("tiny", threads=n).colorize(photo, sampling=FEW).array() for n in (1, 2, 4)]
    assert all(np.array_equal(pictures[0], picture) for picture in pictures[1:])


@pytest.mark.parametrize("size", [(1, 1), (20, 4000), (4000, 20), (17, 23)], ids=str)
def test_odd_sizes(size: tuple[int, int]) -> None:
    picture = Colorizer("tiny").colorize(np.full(size, 120, np.uint8), sampling=Sampling(steps=1)).array()
    assert picture.shape == (*size, 3)


def test_photos_of_one_light_are_told_apart_by_their_shape() -> None:
    """Blank pages, portrait and landscape, one after the other."""
    colorizer = Colorizer("tiny")
    for size in ((160, 320), (320, 160)):
        assert colorizer.colorize(np.full(size, 120, np.uint8), sampling=Sampling(steps=1)).array().shape == (*size, 3)


def test_steps_count(photo: np.ndarray) -> None:
    colorizer = Colorizer("tiny")
    one, two = (colorizer.colorize(photo, sampling=Sampling(steps=n)).array() for n in (1, 3))
    assert not np.array_equal(one, two)


def test_hints_and_palette_reach_the_network() -> None:
    method = catalog.create("tiny")
    light = np.full((64, 96), 60, np.float32)
    ab, weight = np.zeros((64, 96, 2), np.float32), np.zeros((64, 96), np.float32)
    ab[20:40, 20:40], weight[20:40, 20:40] = (40, 30), 1
    plain = method.paint(light, None, PaintOptions(steps=1)).ab
    assert plain.shape == (16, 24, 2)
    for answer in (
        method.paint(light, HintMap(ab, weight), PaintOptions(steps=1)),
        method.paint(light, None, PaintOptions(steps=1, palette=((40.0, 30.0),))),
        method.paint(light, None, PaintOptions(steps=1, extra={"light_guidance": 2.0})),
    ):
        assert np.abs(answer.ab - plain).max() > 0.01
    unguided, guided = (
        method.paint(light, HintMap(ab, weight), PaintOptions(steps=1, extra={"hint_guidance": w})).ab
        for w in (0.0, 3.0)
    )
    assert np.abs(unguided - guided).max() > 0.01


def test_a_point_is_followed_where_it_lies(photo: np.ndarray) -> None:
    result = Colorizer("tiny").colorize(photo, guidance=[Point((64, 48), "#3050c0")], sampling=FEW)
    from barva.color import spaces
    from barva.color.difference import ciede2000

    at = spaces.fast_rgb_to_lab(result.array()[48:49, 64:65].astype(np.float32) / 255)
    asked = at.copy()
    asked[..., 1:] = Point((0, 0), "#3050c0").chroma
    fits = barva.Colorizer("guided").colorize(photo, guidance=[Point((64, 48), "#3050c0")]).array()[48:49, 64:65]
    best = spaces.fast_rgb_to_lab(fits.astype(np.float32) / 255)
    assert float(ciede2000(at, best).mean()) < 3


def test_variants_are_seeds(photo: np.ndarray) -> None:
    colorizer = Colorizer("tiny", request=Request(sampling=FEW))
    made = [r.array() for r in colorizer.variants(photo, 3)]
    assert np.array_equal(made[0], colorizer.colorize(photo).array())
    assert not np.array_equal(made[1], made[2])
    assert np.array_equal(made[2], colorizer.colorize(photo, seed=2).array()), "the second variant of the seed 0"


def test_suggestions_come_from_samples(photo: np.ndarray) -> None:
    method = catalog.create("tiny-few")
    light = np.full((64, 96), 60, np.float32)
    p = method.distribution(light, None)
    assert p.shape == (313, 16, 24) and np.allclose(p.sum(axis=0), 1, atol=1e-4) and p.min() > 0
    from barva.color.bins import BINS

    mean = np.mean([method.paint(light, None, PaintOptions(seed=n)).ab for n in range(8)], axis=0)
    assert np.abs(np.einsum("qhw,qc->hwc", p, BINS).mean((0, 1)) - mean.mean((0, 1))).max() < 3
    from barva.engine.session import Session

    session = Session(Colorizer("tiny-few"), photo)
    first = session.suggest((60, 40), 3)
    assert 1 <= len(first) <= 3 and session.suggest((60, 40), 3) == first


def test_it_can_begin_like_another_method(photo: np.ndarray) -> None:
    other = Colorizer("guided").colorize(photo).chroma.ab
    near, far = (
        Colorizer("tiny").colorize(photo, sampling=Sampling(steps=3, like="guided", amount=amount)).chroma.ab
        for amount in (0.05, 0.9)
    )
    import cv2

    draft = cv2.resize(other, near.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(near - draft).mean() < 2 < np.abs(far - draft).mean()


@pytest.mark.parametrize(
    ("like", "why"),
    [("tiny-few", "draws at random itself"), ("welsh", "needs a reference"), ("nothing", "no method 'nothing'")],
)
def test_not_every_method_can_be_begun_with(like: str, why: str, photo: np.ndarray) -> None:
    with pytest.raises(UsageError, match=why):
        Colorizer("tiny").colorize(photo, sampling=Sampling(like=like))


@pytest.mark.parametrize("size", [(96, 128), (700, 900)], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_a_region_is_drawn_anew_and_nothing_else_changes(name: str, size: tuple[int, int], grey: np.ndarray) -> None:
    photo = np.asarray(Image.fromarray(grey).resize(size[::-1]))
    h, w = size
    box = Box(w // 4, h // 4, w // 4 + w // 3, h // 4 + h // 2)
    marks = [Point((w // 8, h // 8), "green")] if name == "tiny" else None
    colorizer = Colorizer(name, request=Request(vividness=1.4))
    before = colorizer.colorize(photo, sampling=FEW, guidance=marks).array()
    made = [
        colorizer.colorize(photo, sampling=Sampling(2, redraw=(Redraw(box, n),)), guidance=marks).array()
        for n in (1, 2)
    ]
    inside = np.zeros(size, bool)
    inside[box.top : box.bottom, box.left : box.right] = True
    for picture in made:
        changed = (picture != before).any(axis=2)
        assert not changed[~inside].any(), "bit-identical outside"
        assert changed[inside].mean() > 0.5
    assert (made[0] != made[1]).any()
    twice = colorizer.colorize(photo, sampling=Sampling(2, redraw=(Redraw(box), Redraw(Box(0, 0, w // 5, h // 5)))))
    assert twice.array().shape == before.shape


def test_a_mask_of_a_file_is_drawn_anew(photo: np.ndarray, tmp_path: Path) -> None:
    plane = np.zeros(photo.shape, np.uint8)
    plane[30:80, 40:90] = 255
    Image.fromarray(plane).save(tmp_path / "region.png")
    Image.fromarray(photo).save(tmp_path / "photo.png")
    common = ["colorize", str(tmp_path / "photo.png"), "--method", "tiny", "--steps", "2"]
    assert command([*common, "-o", str(tmp_path / "a.png")]) == 0
    assert command([*common, "--resample", f"{tmp_path / 'region.png'}@3", "-o", str(tmp_path / "b.png")]) == 0
    a, b = (np.asarray(Image.open(tmp_path / f"{n}.png").convert("RGB")) for n in "ab")
    assert np.array_equal(a[plane == 0], b[plane == 0]) and not np.array_equal(a[plane > 0], b[plane > 0])


def test_a_polygon_in_shares(photo: np.ndarray) -> None:
    redraw = Redraw(Polygon(((0.1, 0.1), (0.9, 0.1), (0.5, 0.9))), unit="share")
    before, after = (Colorizer("tiny").colorize(photo, sampling=Sampling(1, redraw=r)).array() for r in ((), (redraw,)))
    assert np.array_equal(before[:9], after[:9]) and not np.array_equal(before, after)


def test_regions_of_nothing_and_of_everything(photo: np.ndarray) -> None:
    h, w = photo.shape
    with pytest.raises(UsageError, match="selects nothing"):
        Mask.of(np.zeros(photo.shape, np.uint8))
    cases = [
        (Box(0, 0, w, h), "is the whole photo"),
        (Box(w + 5, 0, w + 9, 5), "lies outside the photo"),
    ]
    for where, why in cases:
        with pytest.raises(UsageError, match=why) as caught:
            Colorizer("tiny").colorize(photo, sampling=Sampling(1, redraw=(Redraw(where),)))
        assert "\n" not in str(caught.value) and "gray" not in str(caught.value)
    large = np.full((2000, 2000), 90, np.uint8)
    with pytest.raises(UsageError, match="covers nothing of the photo; it needs about 12 pixels"):
        Colorizer("tiny").colorize(large, sampling=Sampling(1, redraw=(Redraw(Box(10, 10, 12, 12)),)))


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"steps": 0}, "from 1 to 1000"),
        ({"steps": 10_000}, "from 1 to 1000"),
        ({"amount": 0}, "above 0"),
        ({"amount": float("nan")}, "from 0 to 1"),
        ({"amount": 0.3}, "amount goes with like"),
        ({"like": 3}, "method's name"),
        ({"redraw": ("x",)}, "regions"),
    ],
    ids=str,
)
def test_settings_out_of_range(settings: dict[str, object], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        Sampling(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ['{"amount": 0.5}', '{"amount": 0.3, "steps": 2}', '{"amount": 0.5, "like": ""}'])
def test_an_amount_without_a_method_to_begin_with_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="amount goes with like") as caught:
        Sampling.from_json(text)
    assert caught.value.code == "sampling.amount-alone"
    assert Sampling.from_json('{"amount": 0.5, "like": "guided"}') == Sampling(like="guided")


def test_draws_and_seeds_out_of_range() -> None:
    for draw in (0, 500, True, 1.5):
        with pytest.raises(UsageError, match="from 1 to 499"):
            Redraw(Box(0, 0, 5, 5), draw)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="seed"):
        Request(seed=-1)
    with pytest.raises(UsageError, match="a Sampling is wanted"):
        Request(sampling={"steps": 3})  # type: ignore[arg-type]


def test_nan_is_refused() -> None:
    ab = np.full((4, 4, 2), np.nan, np.float32)
    with pytest.raises(UsageError, match="NaN"):
        HintMap(ab, np.ones((4, 4), np.float32))
    with pytest.raises(UsageError, match="NaN"):
        Draft(ab)


def test_methods_that_draw_nothing_say_so(
    photo: np.ndarray, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for sampling in (FEW, Sampling(like="gan"), Sampling(redraw=(Redraw(Box(0, 0, 5, 5)),))):
        with pytest.raises(UsageError, match="guided draws nothing at random"):
            Colorizer("guided").colorize(photo, sampling=sampling)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    for option in (["--steps", "4"], ["--like", "gan"], ["--resample", "box:0,0,5,5"]):
        assert command(["colorize", str(tmp_path / "photo.png"), *option]) == 2
        assert "draws nothing at random" in capsys.readouterr().err
    bad = {
        "--steps": ("0", "10000"),
        "--like": ("guided@0", "guided@x", "guided@2", "@0.3", "@0.5", "@"),
        "--resample": ("box:0,0,0,0", "box:1,2,3", "missing.png", "box:0,0,5,5@0", "0.5,0.5"),
    }
    for option, values in bad.items():
        for value in values:
            assert command(["colorize", str(tmp_path / "photo.png"), "--method", "tiny", option, value]) in (1, 2)
            assert capsys.readouterr().err.strip().count("\n") == 0, (option, value)
    assert not list(tmp_path.glob("*.color.*"))


def test_requests_travel_as_json() -> None:
    plane = np.zeros((6, 8), np.uint8)
    plane[2:4, 2:5] = 255
    redraws = (Redraw(Box(1, 2, 30, 40), 4), Redraw(Polygon(((0.0, 0.0), (1.0, 0.0), (0.5, 1.0))), unit="share"))
    request = Request(seed=3, sampling=Sampling(4, "guided", 0.3, redraws))
    row = json.loads(json.dumps(request.to_dict()))
    assert Request.from_dict(row) == request
    assert Request().digest() == "" != request.digest() != Request(sampling=FEW).digest()
    for bad in ({"step": 3}, {"redraw": [{"box": [0, 0, 1, 1], "color": "red"}]}, {"redraw": 3}, [], {"steps": 0}):
        with pytest.raises(UsageError, match=r"^sampling"):
            Request.from_dict({"sampling": bad})


def test_torch_is_not_needed_to_paint(folder: Path) -> None:
    code = (
        "import sys, numpy as np, barva\n"
        "from barva.engine.sampling import Sampling\n"
        "barva.Colorizer('tiny').colorize(np.full((40, 40), 90, np.uint8), sampling=Sampling(steps=1)).array()\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
