"""The page: whole in itself, worst first, and only as large as it must be."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import skimage.data

from barva.errors import UsageError
from barva.evaluation import page
from barva.evaluation.benchmark import FLAT, Step, steps
from barva.evaluation.contestants import Contestant
from barva.evaluation.extras import Extras


def half(task):
    return np.stack([task.light, task.light // 2, task.light], -1)


def nothing(grey):
    return np.repeat(grey[..., None], 3, 2)


@pytest.fixture(scope="module")
def run():
    photos = [
        (name, np.ascontiguousarray(getattr(skimage.data, name)()[:200:4, :240:4])) for name in ("coffee", "rocket")
    ]
    photos.append(("<grey> & co", np.full((20, 30, 3), 128, np.uint8)))
    extras = Extras((1, 3), lambda rgb, rng: rgb.mean(-1) * 100, compare=True, notes=("something is <left out>",))
    given = {"half|way": Contestant(half, takes_hints=True), "nothing": nothing}
    return list(steps(given, photos, resamples=20, extras=extras))


def made(run, of="half|way", limit=24):
    gallery = page.Gallery(of, limit)
    for step in run:
        gallery.add(step)
    return page.html(run[-1].benchmark(), gallery)


class Balance(HTMLParser):
    """Which elements are open; fails on one that is closed in the wrong order."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "img", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_is_whole_in_itself_and_well_formed(run):
    text = made(run)
    assert "http" not in text
    assert not re.search(r"<link|src=\"(?!data:image/webp;base64,)", text)
    assert "$" not in text
    balance = Balance()
    balance.feed(text)
    assert balance.open == []
    assert "&lt;grey&gt; &amp; co" in text
    assert "<grey>" not in text
    assert "something is &lt;left out&gt;" in text


def test_pictures_and_their_numbers(run):
    text = made(run)
    # original, light, flat mean, two methods; points, film light, 2 x points, 2 x film
    assert text.count("<img ") == 3 * (5 + 6)
    wanted = run[0].errors["half|way, 3 points"]
    assert f"<figcaption>half|way, 3 points {wanted:.2f}</figcaption>" in text
    for title in ("Scores", "Against half|way", "With points"):
        assert f"<h2>{title}</h2>" in text


@pytest.mark.parametrize("of", ["half|way", "nothing", FLAT])
def test_the_worst_come_first(run, of):
    keys = re.findall(r"<h3>(.*?)</h3>", made(run, of))
    order = sorted(run, key=lambda step: -step.errors[of])
    assert keys == [step.key.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for step in order]
    chosen = re.findall(r'<option value="([^"]*)" selected>(.*?)</option>', made(run, of))
    assert chosen == [("0" if of != "nothing" else "1", f"worst of {of}")]


def test_numbers_for_the_browser_to_sort_by(run):
    found = re.findall(r'data-at="(\d+)" data-errors="(.*?)"', made(run))
    assert sorted(at for at, _ in found) == ["1", "2", "3"]
    for at, errors in found:
        step = run[int(at) - 1]
        assert json.loads(errors) == pytest.approx([step.errors["half|way"], step.errors["nothing"]], abs=1e-4)


def test_only_the_worst_are_kept():
    picture = np.zeros((400, 500, 3), np.uint8)
    gallery = page.Gallery("a", 2)
    errors = [3.0, 1.0, 5.0, 2.0, 5.0, 4.0]
    for done, error in enumerate(errors, 1):
        gallery.add(Step(str(done), done, {"a": picture}, {}, {"a": error}, lambda: None))
    assert [card.key for card in gallery.cards()] == ["3", "5"]
    assert max(len(card.pictures["a"]) for card in gallery.cards()) < 2000


def test_a_page_of_an_unknown_row(run):
    with pytest.raises(UsageError, match="absent"):
        made(run, "absent")
    with pytest.raises(UsageError):
        page.Gallery("a", 0)
