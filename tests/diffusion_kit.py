"""Tiny weights of the diffusion families, exported as the command does it, for tests of what is around the network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from barva.color import bins
from barva.methods import catalog
from barva.training import checkpoint, export, export_diffusion, recipe
from barva.training.checkpoint import Progress
from barva.training.objectives.base import Facts

WIDTHS = ("model.widths=[8, 16, 16, 64]", "model.code=32", "model.depths=[1, 1, 1, 1]")


def write_weights(folder: Path, name: str, of: str) -> Path:
    """`folder/name.onnx` of the recipe `of`: a network whose answers depend on all that it is given, learned or not."""
    import torch

    made = recipe.find_recipe(of)
    for change in (*WIDTHS, *(() if of == "diffusion_palette" else ("model.encoder=none",))):
        made = recipe.override(made, *change.split("=", 1))
    torch.manual_seed(1)
    objective = recipe.objective_of(made.family)(made, Facts(np.full(len(bins.BINS), 1 / 313, np.float32), 0))
    net = objective.build()["net"].eval()
    with torch.no_grad():  # layers that begin with 0 would hide what does not reach the answer
        for module in net.denoise.modules():
            for parameter in module.parameters(recurse=False):
                if not parameter.any():
                    parameter.normal_(0, 0.15)
    trained = export.Trained(net, objective, checkpoint.Checkpoint(made, [], Progress(), {}))
    card = replace(catalog.family_card(made.family), name=name, weights=name)
    facts = export.facts_of(trained, "test")
    model = export.with_card(export.halve(export_diffusion.to_onnx(trained)), card, facts)
    export.write(name, model, facts, folder)
    return folder / f"{name}.onnx"
