"""Collections of masks: what labels mean, the kinds of masks that are read, caches, batches, the objective's losses."""

import hashlib
import json

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")

import torch

from barva.cli.app import run as command
from barva.errors import ReadError, WriteError
from barva.perception import clicks
from barva.perception.classes import CLASSES, NUMBER, PERSON, members
from barva.training import masks, recipe
from barva.training.filters import Exclusion
from barva.training.mask_sampler import MaskSampler, held_out
from barva.training.objectives.perception import mask_loss, partial_cross_entropy, unpack_classes
from barva.training.vocabulary import classes_of, sets_of, usual_shares

SKY, CAR = NUMBER["sky"], NUMBER["car"]


def collection(folder, count=12, **facts):
    """Photos with sky above and a bright car below, drawn; index masks 0 sky, 1 car, 2 background."""
    rng = np.random.default_rng(0)
    (folder / "photos").mkdir(parents=True)
    (folder / "masks").mkdir()
    for n in range(count):
        photo = np.full((96, 128, 3), (90, 140, 220), np.uint8)
        mask = np.zeros((96, 128), np.uint8)
        photo[48:], mask[48:] = (90, 80, 60), 2
        x = int(rng.integers(0, 80))
        photo[60:84, x : x + 40], mask[60:84, x : x + 40] = (200, 30, 20), 1
        photo = np.clip(photo + rng.normal(0, 12, photo.shape), 0, 255).astype(np.uint8)
        Image.fromarray(photo).save(folder / "photos" / f"{n}.png")
        Image.fromarray(mask).save(folder / "masks" / f"{n}.png")
    labels = {"0": "sky", "1": "car", "2": "background"}
    (folder / "source.json").write_text(json.dumps({"labels": labels, "background": "rest"} | facts))
    return folder


def test_a_person_is_four_parts_and_a_hat_is_clothing():
    assert {CLASSES[n] for n in members("person")} == set(PERSON) == {CLASSES[n] for n in members("woman")}
    assert [CLASSES[n] for n in members("hat")] == ["clothing"]
    assert {CLASSES[n] for n in classes_of("diningtable")} == {"table"}


@pytest.mark.parametrize(("background", "sky", "tree"), [("unknown", True, True), ("rest", False, True)])
def test_the_background_excludes_what_is_named_only_where_all_of_it_is_named(background, sky, tree):
    row = sets_of({0: "background", 1: "sky", 2: "car"}, background)[0]
    assert (row[SKY], row[NUMBER["tree"]]) == (sky, tree)


def test_not_skin_may_be_anything_but_skin():
    row = sets_of({0: "not skin", 1: "skin"})[0]
    assert not row[NUMBER["skin"]] and not row[NUMBER["face"]] and row[NUMBER["hair"]]


def test_a_label_that_says_nothing_adds_nothing_to_the_loss():
    logits = torch.randn(1, len(CLASSES), 2, 2, requires_grad=True)
    weight = torch.ones(len(CLASSES))
    anything = torch.ones(1, 2, 2, len(CLASSES), dtype=torch.bool)
    assert partial_cross_entropy(logits, anything, weight).item() == 0
    sky = torch.zeros_like(anything)
    sky[..., SKY] = True
    expected = torch.nn.functional.cross_entropy(logits, torch.full((1, 2, 2), SKY))
    assert partial_cross_entropy(logits, sky, weight).item() == pytest.approx(expected.item(), rel=1e-5)


def test_what_is_usual_decides_where_a_label_leaves_it_open():
    weight, usual = torch.ones(len(CLASSES)), torch.from_numpy(usual_shares())
    people = [NUMBER[part] for part in PERSON]
    allowed = torch.zeros(1, 1, 1, len(CLASSES), dtype=torch.bool)
    allowed[..., people] = True

    def loss(part):
        logits = torch.zeros(1, len(CLASSES), 1, 1)
        logits[:, NUMBER[part]] = 9.0
        return partial_cross_entropy(logits, allowed, weight, usual, 0.1).item()

    assert loss("clothing") < loss("hair") - 0.1 and loss("dog") > loss("hair") + 5
    logits = torch.zeros(1, len(CLASSES), 1, 1, requires_grad=True)
    optimizer = torch.optim.SGD([logits], lr=5.0)
    for _ in range(400):
        optimizer.zero_grad()
        partial_cross_entropy(logits, allowed, weight, usual, 0.1).backward()
        optimizer.step()
    share = logits.detach().softmax(1)[0, people, 0, 0] / logits.detach().softmax(1)[0, people].sum()
    assert share.tolist() == pytest.approx((usual[people] / usual[people].sum()).tolist(), abs=0.02)


def test_the_loss_of_a_mask_ignores_what_is_not_known_and_photos_without_an_object():
    mask = torch.zeros(2, 4, 4)
    mask[:, :2] = 1
    certain = torch.ones_like(mask)
    certain[:, 3] = 0
    right = (mask * 2 - 1).unsqueeze(1) * 20
    wrong_where_unknown = right.clone()
    wrong_where_unknown[:, :, 3] = 20
    both = torch.ones(2)
    assert mask_loss(right, mask, certain, both) < 0.01
    assert mask_loss(wrong_where_unknown, mask, certain, both) < 0.01
    assert mask_loss(-right, mask, certain, torch.tensor([1.0, 0.0])) > 5
    assert mask_loss(-right, mask, certain, torch.zeros(2)) == 0
    certain[1] = 0  # as a view of a photo of which only the sky is labeled
    one = torch.tensor([1.0, 0.0])
    assert mask_loss(-right, mask, certain, one) > 5 and mask_loss(right, mask, certain, one) < 0.01


def test_masks_are_read_from_index_and_color_pictures_polygons_and_coco(tmp_path):
    folder = collection(tmp_path / "index")
    expected = masks.build(folder, tmp_path / "cache")[0][1]
    assert set(np.unique(expected)) == {0, 1, 2} and (expected == 1).sum() == 24 * 40

    color = collection(tmp_path / "color", colors={"0,0,255": 0, "255,0,0": 1, "0,0,0": 2})
    palette = np.array([[0, 0, 250], [250, 10, 0], [3, 3, 3]], np.uint8)  # as anti-aliasing smears them
    for path in (color / "masks").iterdir():
        Image.fromarray(palette[np.array(Image.open(path))]).save(path)
    assert (masks.build(color, tmp_path / "cache-color")[0][1] == expected).all()

    yolo = collection(tmp_path / "yolo", count=1)
    (yolo / "masks" / "0.png").unlink()
    (yolo / "masks" / "0.txt").write_text("\n1 0.25 0.25 0.75 0.25 0.75 0.75 0.25 0.75\n \n")
    mask = masks.build(yolo, tmp_path / "cache-yolo")[0][1]
    assert mask[48, 64] == 1 and mask[5, 5] == 2 and 0.2 < (mask == 1).mean() < 0.3

    coco = collection(tmp_path / "coco", count=1)
    square = [{"image_id": 7, "category_id": 1, "area": 100, "segmentation": [[10, 10, 20, 10, 20, 20, 10, 20]]}]
    listed = {"images": [{"id": 7, "file_name": "sub/0.png"}], "annotations": square}
    (coco / "annotations.json").write_text(json.dumps(listed))
    mask = masks.build(coco, tmp_path / "cache-coco")[0][1]
    assert mask[15, 15] == 1 and (mask == 1).sum() == 11 * 11


def test_broken_photos_and_photos_without_a_mask_are_left_out_and_counted(tmp_path):
    folder = collection(tmp_path / "c", count=4)
    (folder / "photos" / "0.png").write_bytes(b"no picture")
    (folder / "masks" / "1.png").unlink()
    (folder / "masks" / "2.png").write_bytes(b"no mask")
    cache = masks.build(folder, tmp_path / "cache")
    assert cache.names == ["3"] and cache.skipped == {"broken": 1, "no mask": 2}


@pytest.mark.parametrize(("background", "sky"), [("unknown", True), ("rest", False)])
def test_what_lies_outside_of_all_polygons_is_no_car_where_cars_are_class_0(tmp_path, background, sky):
    yolo = collection(tmp_path / "yolo", count=1, labels={"0": "car", "1": "sky"}, background=background)
    (yolo / "masks" / "0.txt").write_text("0 0.25 0.25 0.75 0.25 0.75 0.75 0.25 0.75\n")
    cache = masks.build(yolo, tmp_path / "cache")
    mask, sets = cache[0][1], cache.collection.sets()
    assert [CLASSES[n] for n in np.flatnonzero(sets[mask[48, 64]])] == ["car"]
    outside = sets[mask[5, 5]]
    assert outside[NUMBER["dog"]] and bool(outside[SKY]) == bool(outside[CAR]) == sky
    square = [{"image_id": 7, "category_id": 0, "area": 100, "segmentation": [[10, 10, 20, 10, 20, 20, 10, 20], []]}]
    listed = {"images": [{"id": 7, "file_name": "0.png"}], "annotations": square}
    (yolo / "annotations.json").write_text(json.dumps(listed))
    coco = masks.build(yolo, tmp_path / "cache-coco")[0][1]
    assert (coco == 0).sum() == 11 * 11 and coco[50, 50] == mask[5, 5]


@pytest.mark.parametrize(
    "line",
    [
        "0 0.5 0.5 0.2 0.2",
        "a 0 0 1 0 1 1",
        "0 a 0 1 0 1 1",
        "0 nan 0 1 0 1 1",
        "300 0 0 1 0 1 1",
        "-1 0 0 1 0 1 1",
    ],
)
def test_photos_whose_polygons_cannot_be_read_are_left_out(tmp_path, line):
    folder = collection(tmp_path / "c", count=3)
    (folder / "masks" / "1.txt").write_text(f"1 0 0 1 0 1 1\n{line}\n")
    (folder / "masks" / "2.txt").write_text("1.0 0 0 1e30 0 1 1\n")
    cache = masks.build(folder, tmp_path / "cache")
    assert cache.names == ["0", "2"] and cache.skipped == {"no mask": 1}
    assert set(np.unique(cache[1][1])) == {1, 2}


def test_polygons_of_a_class_that_no_index_can_be_are_one_clear_line(tmp_path):
    folder = collection(tmp_path / "c", count=1)
    shape = {"image_id": 7, "category_id": 300, "segmentation": [[10, 10, 20, 10, 20, 20]]}
    listed = {"images": [{"id": 7, "file_name": "0.png"}], "annotations": [shape]}
    (folder / "annotations.json").write_text(json.dumps(listed))
    with pytest.raises(ReadError, match=r"annotations\.json .*from 0 to 254, not 300"):
        masks.build(folder, tmp_path / "cache")


@pytest.mark.parametrize("mode", ["1", "L", "I;16", "RGB", "RGBA", "LA"])
def test_index_pictures_of_every_kind_keep_their_indices(tmp_path, mode):
    folder = collection(tmp_path / "c", count=1)
    path = folder / "masks" / "0.png"
    mask = np.array(Image.open(path)) % 2
    pictures = {"1": Image.fromarray(mask.astype(bool)), "I;16": Image.fromarray(mask.astype(np.uint16))}
    picture = pictures.get(mode) or Image.fromarray(mask).convert(mode)
    picture.save(path)
    assert (masks.build(folder, tmp_path / "cache")[0][1] == mask).all()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.full((96, 128, 3), (9, 8, 7), np.uint8), "is a color picture"),
        (np.full((96, 128), 300, np.uint16), "its values are not whole numbers from 0 to 255"),
    ],
)
def test_pictures_that_hold_no_indices_are_refused(tmp_path, values, words):
    folder = collection(tmp_path / "c", count=1)
    Image.fromarray(values).save(folder / "masks" / "0.png")
    with pytest.raises(ReadError, match=words):
        masks.build(folder, tmp_path / "cache")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"labels": {"a": "sky"}}', '{"labels": {"0": "sky"}, "background": "so"}', '{"labels": 3}',
             '{"labels": {"300": "sky"}}', '{"labels": {"0": "sky"}, "colors": {"1,2,3": 300}}',
             '{"labels": {"0": "sky"}, "void": [-1]}'],
)  # fmt: skip
def test_a_collection_that_cannot_be_understood_is_one_clear_line(tmp_path, text):
    folder = collection(tmp_path / "c", count=1)
    (folder / "source.json").write_text(text)
    with pytest.raises(ReadError, match=r"source\.json"):
        masks.build(folder, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_cut_off_cache_is_refused(tmp_path):
    masks.build(collection(tmp_path / "c", count=2), tmp_path / "cache")
    path = tmp_path / "cache" / "masks.u8"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ReadError, match="damaged"):
        masks.MaskCache(tmp_path / "cache")


@pytest.mark.parametrize("left", [0, 100])
def test_a_cache_whose_index_is_cut_off_is_refused_and_made_again(tmp_path, left):
    folder = collection(tmp_path / "c", count=2)
    masks.build(folder, tmp_path / "cache")
    path = tmp_path / "cache" / "index.npz"
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(ReadError, match="damaged"):
        masks.MaskCache(tmp_path / "cache")
    assert len(masks.build(folder, tmp_path / "cache")) == 2


def exclusion(path, photo):
    """A list that names a photo by its bytes alone."""
    data = photo.read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()[:16]
    path.write_text(json.dumps({"blobs": [blob], "dhash": []}))
    return path


def test_a_cache_is_made_again_for_another_list_or_side_or_collection(tmp_path, capsys):
    folder = collection(tmp_path / "c", count=4)
    arguments = ["data", "masks", str(folder), "--cache", str(tmp_path / "caches")]
    cache, index = tmp_path / "caches" / "c", tmp_path / "caches" / "c" / "index.npz"

    def changed(*more):
        before = index.stat().st_ino
        assert command([*arguments, *more]) == 0
        return index.stat().st_ino != before

    assert command(arguments) == 0
    assert not changed() and len(masks.MaskCache(cache)) == 4
    listed = ["--exclude", str(exclusion(tmp_path / "list.json", folder / "photos" / "2.png"))]
    assert changed(*listed) and masks.MaskCache(cache).names == ["0", "1", "3"]
    assert masks.MaskCache(cache).skipped == {"excluded": 1} and not changed(*listed)
    assert changed(*listed, "--side", "64") and masks.MaskCache(cache)[0][1].shape == (64, 85)
    assert command(arguments) == 2 and "--exclude LIST" in capsys.readouterr().err
    (folder / "masks" / "3.png").unlink()
    assert changed(*listed) and masks.MaskCache(cache).names == ["0", "1"]


def test_a_cache_of_an_older_version_is_believed_but_not_in_what_it_left_out(tmp_path):
    folder, target = collection(tmp_path / "c", count=3), tmp_path / "cache"
    masks.build(folder, target)
    facts = json.loads((target / "source.json").read_text())
    del facts["origin"]
    (target / "source.json").write_text(json.dumps(facts))
    (folder / "photos" / "0.png").unlink()
    assert len(masks.build(folder, target)) == 3
    listed = Exclusion(exclusion(tmp_path / "list.json", folder / "photos" / "1.png"))
    assert masks.build(folder, target, listed).names == ["2"]
    (target / "diary.txt").write_text("dear diary")
    with pytest.raises(WriteError, match="is no cache"):
        masks.build(folder, target, listed, 64)
    assert (target / "diary.txt").exists()


def sampler(tmp_path, count=40):
    cache = masks.build(collection(tmp_path / "c", count=count), tmp_path / "cache")
    return MaskSampler([(cache, 1.0)], recipe.find_recipe("perception"))


def test_batches_are_the_same_for_the_same_step_and_say_what_labels_can_mean(tmp_path):
    stage = recipe.Stage(0.0, 64, 8, crop=0.5)
    first, again = (sampler(tmp_path / str(n)).batch(3, stage) for n in range(2))
    for name in ("light", "allowed", "mask", "certain", "chosen"):
        assert (getattr(first, name) == getattr(again, name)).all()
    allowed = unpack_classes(torch.from_numpy(first.allowed)).numpy()
    assert allowed.shape == (8, 16, 16, len(CLASSES))
    clear = allowed.sum(-1) == 1
    assert (allowed[clear][:, [SKY, CAR]].any(-1)).all() and clear.mean() > 0.3
    assert not allowed[~clear][:, [SKY, CAR]].any()
    assert first.chosen.all() and (first.mask.mean((1, 2)) > 0).all()


def test_what_looks_alike_lies_on_the_same_side(tmp_path):
    cache = masks.build(collection(tmp_path / "c", count=30), tmp_path / "cache")
    (side,) = held_out([cache])
    pair = held_out([cache, cache])
    assert (pair[1] == side).all() and (pair[0] == side).all()


def test_a_click_lies_in_the_middle_of_the_largest_wrong_part():
    truth = np.zeros((20, 20), bool)
    truth[2:13, 4:15] = True
    known = np.ones_like(truth)
    assert clicks.next_click(truth, np.zeros_like(truth), known) == clicks.Click(9, 7, True)
    assert clicks.next_click(truth, truth, known) is None
    much = truth | (np.arange(20) >= 13)[:, None]
    click = clicks.next_click(truth, much, known)
    assert click is not None and not click.inside and click.y >= 13
    planes = clicks.planes([click], None, (20, 20))
    assert planes.shape == (5, 20, 20) and planes[1].max() == 1 and planes[0].max() == 0


def test_a_short_run_learns_sky_and_car_is_exported_and_goes_on_after_a_stop(tmp_path, capsys):
    from barva.training import loop
    from barva.training.device import Device

    short = recipe.override(recipe.find_recipe("perception"), "stages", "[[0.0, 64, 8, 0.8]]")
    short = recipe.override(recipe.override(short, "samples", "160"), "optim.warmup", "2")
    photos = MaskSampler([(sampler(tmp_path).caches[0], 1.0)], short)
    device = Device("cpu", 1, "32-true")
    half = loop.Run(short, photos, tmp_path / "run", device)
    before = half.nets["net"].segments[1].weight.clone()
    list(half.go(loop.Limits(stop=80)))
    assert half.progress.samples == 80 and not torch.equal(before, half.nets["net"].segments[1].weight)
    exported = ["export", str(tmp_path / "run"), "-o", str(tmp_path / "out"), "--data", f"{tmp_path / 'cache'}=0.5"]
    for option in (
        ["--name", "mine"], ["--int8"], ["--photos", "9"], ["--vivid", "0.5"], ["--side", "64"], ["--cache", "c"],
        ["--exclude", "list.json"],
    ):  # fmt: skip
        assert command([*exported, *option]) == 2
        assert f"{option[0]} is not for perception" in capsys.readouterr().err
    assert command(exported) == 0 and (tmp_path / "out" / "perception_select.onnx").exists()
    whole = loop.Run(short, photos, tmp_path / "run", device)
    assert whole.progress.samples == 80
    list(whole.go())
    assert whole.progress.samples == 160
    net = whole.nets["net"].eval()
    photo, mask = photos.caches[0][0]
    light = torch.from_numpy(photo.mean(-1)[None, None].astype(np.float32) / 127.5 - 1)
    with torch.no_grad():
        logits, _ = net(light)
    assert logits.shape == (1, len(CLASSES), 24, 32)
    rather_sky = (logits[0, SKY] - logits[0, CAR]).numpy()
    labels = mask[2::4, 2::4]
    assert rather_sky[labels == 0].mean() > rather_sky[labels == 1].mean() + 1


@pytest.mark.parametrize(
    "option", [["--cache", "c"], ["--side", "64"], ["--exclude", "list.json"], ["--hold-out", "c"]]
)
def test_options_for_photos_are_not_for_perception(tmp_path, capsys, option):
    arguments = ["train", "perception", "--data", "x", "--run", str(tmp_path / "run"), "--accelerator", "cpu", *option]
    assert command(arguments) == 2
    error = capsys.readouterr().err
    assert option[0] in error and "perception" in error and error.count("\n") == 1
