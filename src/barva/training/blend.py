"""Two exports of `guided` or `perception` averaged, weight by weight: the network that a run began with, and the one
that it became.

A run on other photos forgets a part of what its beginning knew. Between the two lie networks that know both, if the one
has grown out of the other (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", arXiv 2109.01903).

    python -m barva.training.blend BEFORE.onnx AFTER.onnx -o FOLDER --data PHOTOS --weights-version 1
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from barva.errors import BarvaError, UsageError


def blend(before: Any, after: Any, share: float) -> Any:
    """The network between two ONNX models of one network.

    Args:
        before: The model that has the share `1 - share`.
        after: The model that has the share `share`; the answer has its graph and its names.
        share: 0..1.

    Returns:
        The ONNX model, without metadata.

    Raises:
        UsageError: They are not of one network, or the share is out of its range.
    """
    import onnx
    from onnx import numpy_helper

    if not 0 <= share <= 1:
        raise UsageError(f"the share of the second network is 0 to 1, not {share}")
    first, second = _in_order(before), _in_order(after)
    if [t.dims for t in first] != [t.dims for t in second] or [t.data_type for t in first] != [
        t.data_type for t in second
    ]:
        raise UsageError("the two files are not exports of one network: their weights have other shapes")
    mixed: dict[str, Any] = {}
    for one, other in zip(first, second, strict=True):
        a, b = numpy_helper.to_array(one), numpy_helper.to_array(other)
        mean = ((1 - share) * a.astype(np.float64) + share * b.astype(np.float64)).astype(b.dtype)
        mixed[other.name] = numpy_helper.from_array(mean if np.issubdtype(b.dtype, np.floating) else b, other.name)
    model = onnx.ModelProto.FromString(after.SerializeToString())
    for tensor in model.graph.initializer:
        tensor.CopyFrom(mixed[tensor.name])
    del model.metadata_props[:]
    return model


def _in_order(model: Any) -> list[Any]:
    """Weights in an order that two exports share: by name, or by number where the exporter only counted them."""

    def key(tensor: Any) -> tuple[bool, int, str]:
        counted = re.match(r"onnx::\w+_(\d+)", tensor.name)
        return (True, int(counted[1]), "") if counted else (False, 0, tensor.name)

    return sorted(model.graph.initializer, key=key)


def main(arguments: Sequence[str] | None = None) -> None:
    """Blend two exports and write NAME.onnx and NAME.json; the name of the first file says which networks they are."""
    parser = argparse.ArgumentParser(description=" ".join((__doc__ or "").split("\n\n")[0].split()))
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--share", type=float, default=0.5, help="of the second network, 0..1")
    parser.add_argument("--data", action="append", help="for guided: photos that neither has learned from")
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--vivid", type=float)
    parser.add_argument("--weights-version", default="0")
    args = parser.parse_args(arguments)
    if args.before.stem.startswith("perception"):
        blend_perception(args.before.parent, args.after.parent, args.share, args.output, args.weights_version)
    elif args.data:
        _blend_guided(args)
    else:
        raise UsageError("guided is calibrated on photos that neither network has learned from: name them by --data")


def blend_perception(before: Path, after: Path, share: float, output: Path, version: str) -> None:
    """Blend both files of two exports of `perception`. The offsets of the classes are those of the second.

    Args:
        before: The folder of the export with the share `1 - share`.
        after: The folder of the export with the share `share`.
        share: 0..1.
        output: Where both files go.
        version: Of the weights.

    Raises:
        UsageError: They are not of one network.
        ReadError, WeightsError: One of the files cannot be read.
    """
    from barva.perception.classes import CLASSES
    from barva.training import export
    from barva.training.export_perception import BIAS, OUTPUTS

    for name in OUTPUTS:
        model, first, second = _blend_files(before / f"{name}.onnx", after / f"{name}.onnx", share)
        if name == "perception":
            old, new = (np.array([f.get("offsets", {}).get(c, 0.0) for c in CLASSES]) for f in (first, second))
            _add(model, BIAS, (1 - share) * (new - old))
        export.write(name, model, _card(first, second, share, version), output)


def _blend_files(before: Path, after: Path, share: float) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """The blended model of two files, and the card of each."""
    from barva.runtime import weights
    from barva.training.unfold import read_model

    first, second = (weights.facts(weights.verify(path)) for path in (before, after))
    return blend(read_model(before), read_model(after), share), first, second


def _card(first: Mapping[str, Any], second: Mapping[str, Any], share: float, version: str) -> dict[str, Any]:
    """That of the second network, with what it was blended with, and what both have learned from."""
    kept = {key: value for key, value in second.items() if key not in ("sha256", "bytes")}
    if "learned_from" in kept:
        names = {row["name"] for row in kept["learned_from"]}
        others = [row for row in first.get("learned_from", ()) if row["name"] not in names]
        kept["learned_from"] = [*kept["learned_from"], *others]
    return kept | {"version": version, "blended": {"with": first["version"], "share": share}}


def _add(model: Any, name: str, values: Any) -> None:
    """Add to the one tensor of the model whose name ends in `name`."""
    from onnx import numpy_helper

    (tensor,) = (t for t in model.graph.initializer if t.name.endswith(name))
    held = numpy_helper.to_array(tensor)
    tensor.CopyFrom(numpy_helper.from_array((held + values).astype(held.dtype), tensor.name))


def _blend_guided(args: argparse.Namespace) -> None:
    """Blend, and calibrate the decoding on photos that neither network has learned from."""
    from barva.methods import catalog
    from barva.training import calibrate, export, sources, validation

    model, first, second = _blend_files(args.before, args.after, args.share)
    logs = [np.log(np.asarray(facts["rebalance"], np.float64)) for facts in (first, second)]
    log_w = ((1 - args.share) * logs[0] + args.share * logs[1]).astype(np.float32)
    card = catalog.family_card("guided")
    found = sources.open_sources([sources.parse(d) for d in args.data], args.output / "cache", card.size.short)
    caches = [cache for _, cache, _ in found]
    every = [(k, i) for k, cache in enumerate(caches) for i in range(len(cache))]
    photos = validation.pictures(caches, validation.choose(caches, every, args.photos, True), card.size.short)
    vivid = calibrate.VIVID if args.vivid is None else args.vivid
    answers = calibrate.answers(export.OnnxNet(model), photos)
    best = calibrate.choose(calibrate.table(answers, log_w - log_w.mean()), vivid)
    below = calibrate.grey(answers) - best.ciede2000
    print(f"{below:.2f} below gray at a ratio of {best.ratio:.2f}: {best}")  # noqa: T201
    facts = _card(first, second, args.share, args.weights_version)
    facts |= {"rebalance": [round(float(w), 5) for w in np.exp(log_w)], **best.settings}
    export.write("guided", export.with_card(model, card, facts), facts, args.output)


if __name__ == "__main__":
    try:
        main()
    except BarvaError as error:
        raise SystemExit(f"error: {error}") from None
