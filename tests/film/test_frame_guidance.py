"""Marks, scenes and words on frames of a film: they hold for the shot, and where its place is seen again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

import film_clips as clips

from barva.cli.app import run as command
from barva.engine.colorizer import Colorizer
from barva.engine.request import Request
from barva.errors import UsageError
from barva.film import guided, plan, source
from barva.film.guided import FrameGuidance
from barva.film.pipeline import FilmOptions, color_film
from barva.film.times import Span
from barva.guidance.marks import Box, Guidance, Point, Region


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pan of 40 frames with a disk on it, and another shot."""
    import cv2

    rows = []
    for number, count in ((1, 40), (2, 8)):
        whole = clips.scene(number)
        if number == 1:
            cv2.circle(whole, (100, 70), 22, 170, -1, cv2.LINE_AA)
        rows += [whole[i // 2 : i // 2 + clips.HEIGHT, i : i + clips.WIDTH] for i in range(count)]
    return clips.write(tmp_path_factory.mktemp("guided") / "in.mkv", rows, codec="ffv1", sound=False)


def disk(path: Path, number: int) -> np.ndarray:
    """Mean chroma codes about gray, Cb and Cr, inside the disk on a frame of the first shot."""
    _, cb, cr = clips.decoded(path)[number][1]
    x, y = (100 - number) // 2, (70 - number // 2) // 2
    return np.array([p[y - 4 : y + 5, x - 4 : x + 5].mean() - 128 for p in (cb, cr)])


def box(number: int) -> str:
    """The disk's box on a frame of the first shot, as an option has it."""
    x, y = 100 - number, 70 - number // 2
    return f"box:{x - 15},{y - 15},{x + 15},{y + 15}"


def guidance(number: int, mark: object | None = None) -> FrameGuidance:
    mark = mark or Region(Box(100 - number - 15, 70 - number // 2 - 15, 100 - number + 15, 70 - number // 2 + 15),
                          "#8040c0")  # fmt: skip
    return FrameGuidance(number / 24 + 0.001, Request(guidance=Guidance((mark,)), vividness=1.0))


@pytest.fixture(scope="module")
def plain(film: Path, colorizer: Colorizer) -> Path:
    color_film(film, film.with_name("plain.mkv"), colorizer, FilmOptions(codec="ffv1"))
    return film.with_name("plain.mkv")


@pytest.mark.parametrize("length", [241, 17])
def test_a_mark_holds_for_its_shot_back_and_forth(
    film: Path, plain: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(plan, "LENGTH", length)
    target = film.with_name(f"marked{length}.mkv")
    color_film(film, target, colorizer, FilmOptions(codec="ffv1"), guidance=[guidance(22)])
    goal = disk(target, 22)
    assert goal[0] > 12  # violet: much blue
    for number in (0, 5, 16, 21, 23, 32, 39):
        change = disk(target, number) - disk(plain, number)
        assert change @ (goal - disk(plain, 22)) > 0.6 * np.sum((goal - disk(plain, 22)) ** 2)
    other = [clips.decoded(path)[44][1] for path in (plain, target)]
    assert max(np.abs(a.astype(int) - b).mean() for a, b in zip(*other, strict=True)) < 3


def test_a_shot_that_goes_back_from_its_mark_goes_on_after_a_stop(
    film: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "LENGTH", 8)
    options, marks = FilmOptions(codec="ffv1"), [guidance(36)]
    whole, stopped = film.with_name("whole.mkv"), film.with_name("stopped.mkv")
    color_film(film, whole, colorizer, options, guidance=marks)

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        color_film(film, stopped, colorizer, options, stop, marks)
    color_film(film, stopped, colorizer, options, guidance=marks)
    for (_, one), (_, two) in zip(clips.decoded(whole), clips.decoded(stopped), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_scribbles_alone_color_a_film(film: Path) -> None:
    """`levin`: what is scribbled on one frame colors its shot; a shot without any stays gray."""
    target = film.with_name("levin.mkv")
    mark = guidance(22, Point((78, 59), "#8040c0"))
    color_film(film, target, Colorizer("levin", threads=1), FilmOptions(codec="ffv1"), guidance=[mark])
    assert min(disk(target, number)[0] for number in (1, 22, 39)) > 10
    _, cb, cr = clips.decoded(target)[44][1]
    assert abs(cb.astype(float).mean() - 128) < 1 and abs(cr.astype(float).mean() - 128) < 1


def test_the_frame_that_is_shown(film: Path) -> None:
    facts = source.facts_of(film)
    assert facts.seconds_of(guided.frame_at(facts, 0.5).pts) == pytest.approx(0.5, abs=0.002)
    assert facts.seconds_of(guided.frame_at(facts, 0.52).pts) == pytest.approx(0.5, abs=0.002)
    assert guided.frame_at(facts, 0).pts == facts.first
    with pytest.raises(UsageError, match="--at 9: the film ends before"):
        guided.frame_at(facts, 9)
    with pytest.raises(UsageError, match="not between --from and --to"):
        guided.frames_with_guidance(facts, [guidance(40)], Span(0, 1))
    with pytest.raises(UsageError, match="same frame"):
        guided.frames_with_guidance(facts, [guidance(4), guidance(4)], Span())


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--point", "5,5=red"], "name its time with --at"),
        (["--at", "1"], "nothing to say"),
        (["--at", "0.5", "--at", "1", "--point", "5,5=red"], "one --at"),
        (["--at", "0.5", "--scene", "a.json", "--scene", "b.json"], "one --scene for each --at: 1, not 2"),
        (["--at", "x", "--point", "5,5=red"], "time"),
        (["--at", "0.5", "--point", "500,5=red"], "outside"),
        (["--at", "0.5", "--point", "5,5=nocolor"], "nocolor"),
    ],
)
def test_marks_that_cannot_be_followed(
    film: Path, options: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["film", str(film), *options]) in (1, 2)
    assert why in capsys.readouterr().err
    assert not list(film.parent.glob("*in.color*"))


def test_marks_and_scenes_at_the_command(film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The preview shows the frame with its mark first."""
    import cv2

    hints = tmp_path / "hints.json"
    Guidance((Point((78, 59), "#8040c0"),)).save(hints)
    sheet = tmp_path / "sheet.png"
    options = ["--at", "0.92", "--guidance", str(hints), "--preview", "1", "-o", str(sheet)]
    assert command(["film", str(film), *options]) == 0, capsys.readouterr().err
    first = cv2.imread(str(sheet))[:, :480]
    b, g, _ = first[round(59 * 3.75), round(78 * 3.75)].astype(int)
    assert b > g + 20


def test_a_scene_of_a_still_holds_for_its_shot(film: Path, plain: Path, tmp_path: Path) -> None:
    """A frame is saved as a picture, its scene is edited, and the film has the scene's color and vividness."""
    still, scene, target = tmp_path / "still.png", tmp_path / "still.scene.json", tmp_path / "out.mkv"
    moment = ["--at", "0.92"]
    assert command(["film", str(film), *moment, "--still", str(still)]) == 0
    colored = ["colorize", str(still), "--region", f"{box(22)}=#8040c0", "--vividness", "0"]
    assert command([*colored, "--save-scene", str(scene), "-o", str(tmp_path / "still.color.png")]) == 0
    assert command(["film", str(film), *moment, "--scene", str(scene), "--codec", "ffv1", "-o", str(target)]) == 0
    assert min(disk(target, number)[0] for number in (1, 22, 39)) > 12
    pale, usual = (np.stack(clips.decoded(path)[22][1][1:]).astype(float) - 128 for path in (target, plain))
    assert np.abs(pale[..., 50:]).mean() < 0.75 * np.abs(usual[..., 50:]).mean(), "on the right, far from the disk"


def test_words_on_a_frame_hold_for_its_shot(tmp_path: Path) -> None:
    """Hair becomes green on all frames of its shot, and nothing on those of the other one."""
    import cv2

    from barva import photos

    rows = []
    for name in ("astronaut", "coffee"):
        gray = cv2.cvtColor(np.asarray(photos.photo(name)), cv2.COLOR_RGB2GRAY)
        gray = cv2.resize(gray, (256, round(256 * gray.shape[0] / gray.shape[1])), interpolation=cv2.INTER_AREA)
        rows += [gray[i : i + 144, :256] for i in range(3)]
    film = clips.write(tmp_path / "in.mkv", rows, codec="ffv1", sound=False)
    targets = [tmp_path / "plain.mkv", tmp_path / "said.mkv"]
    for target, words in zip(targets, ([], ["--at", "0.05", "--say", "make the hair green"]), strict=True):
        assert command(["film", str(film), *words, "--codec", "ffv1", "-o", str(target)]) == 0
    before, after = (np.stack([np.stack(p[1:]) for _, p in clips.decoded(t)]).astype(float) for t in targets)
    change = np.abs(after - before)
    changed = (change.max(axis=1) > 10).mean(axis=(1, 2))
    assert changed[:3].min() > 0.02 and changed[:3].max() < 0.2 and change[3:].mean() < 0.5
    assert (after - before)[:3][(change > 10)[:3]].mean() < -10, "less red, less blue"


def test_a_still_is_one_frame_as_png(film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    still = ["film", str(film), "--still"]
    assert command([*still, str(tmp_path / "a.png")]) == 2 and "name its time with one --at" in capsys.readouterr().err
    assert command([*still, str(tmp_path / "a.jpg"), "--at", "1"]) == 2 and "as .png" in capsys.readouterr().err
    assert command(["film", str(film), "--preview", "1", "-o", str(tmp_path / "a.jpg")]) == 2
    assert "a preview is written as .png" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
