"""Objects that the select head learns from, and runs that train it alone."""

import json

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")

import torch

from barva.training import loop, masks, recipe
from barva.training.device import Device
from barva.training.mask_sampler import MaskSampler

COAT, DRESS, EYES, NOSE = range(1, 5)
STAGE = recipe.Stage(0.0, 64, 32, crop=1.0)


@pytest.fixture
def cache(tmp_path):
    """Photos with an open coat beside a dress, and a face of eyes and nose above."""
    folder = tmp_path / "c"
    (folder / "photos").mkdir(parents=True)
    (folder / "masks").mkdir()
    rng = np.random.default_rng(0)
    for n in range(12):
        mask = np.zeros((64, 64), np.uint8)
        mask[:16, 16:32], mask[:16, 32:48] = EYES, NOSE
        mask[24:, 8:24], mask[24:, 24:40], mask[24:, 40:56] = COAT, DRESS, COAT
        photo = (mask * 50)[..., None] + rng.integers(0, 20, (64, 64, 3))
        Image.fromarray(photo.astype(np.uint8)).save(folder / "photos" / f"{n}.png")
        Image.fromarray(mask).save(folder / "masks" / f"{n}.png")
    labels = {"0": "background", "1": "coat", "2": "dress", "3": "eyes", "4": "nose"}
    (folder / "source.json").write_text(json.dumps({"labels": labels, "background": "rest"}))
    return masks.build(folder, tmp_path / "cache")


def test_garments_are_objects_of_their_own_and_whole_while_a_face_is_one_object(cache):
    batch = MaskSampler([(cache, 1.0)], recipe.find_recipe("perception")).batch(0, STAGE)
    assert batch.chosen.all()
    shapes = {tuple(map(tuple, mask[[1, 10]].astype(int).tolist())) for mask in batch.mask}
    face = (0,) * 4 + (1,) * 8 + (0,) * 4
    coat = (0,) * 2 + (1,) * 4 + (0,) * 4 + (1,) * 4 + (0,) * 2
    dress = (0,) * 6 + (1,) * 4 + (0,) * 6
    none = (0,) * 16
    assert shapes == {(face, none), (none, coat), (none, dress)}


def test_a_run_of_the_select_head_alone_leaves_the_rest_as_it_was(cache, tmp_path):
    alone = recipe.find_recipe("perception")
    for key, value in (("stages", "[[0.0, 64, 4, 0.8]]"), ("samples", "24"), ("model.select_only", "true")):
        alone = recipe.override(alone, key, value)
    run = loop.Run(alone, MaskSampler([(cache, 1.0)], alone), tmp_path / "run", Device("cpu", 1, "32-true"))
    state = run.nets["net"].state_dict()
    before = {name: value.clone() for name, value in state.items()}
    list(run.go())
    changed = {name.split(".")[0] for name, value in state.items() if (value != before[name]).any()}
    assert changed == {"select"}
    assert torch.equal(run.ema.segments[1].weight, before["segments.1.weight"])
