"""Where data sets keep their photos, and what they say is on them.

| layout | photos | label |
|---|---|---|
| imagenet | `train/n01440764/*.JPEG`, also in `ILSVRC/Data/CLS-LOC` | folder, or its name in `LOC_synset_mapping.txt` |
| coco | `train2017/*.jpg` or `images/train2017/*.jpg` | `annotations/instances_train2017.json`: the largest object |
| caltech | `256_ObjectCategories/001.ak47/*.jpg` | the folder without its numbers; `clutter` is none |
| flat | any tree of photos | none |

Of ImageNet and COCO only the training split is taken where there is one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from barva.archive.folder import photos_in
from barva.errors import ReadError, UsageError

LAYOUTS = ("auto", "imagenet", "coco", "caltech", "flat")
LABELS = ("auto", "folder", "none")

_SYNSET = re.compile(r"n\d{8}")
_NUMBERED = re.compile(r"\d{3}\.(.+?)(-101)?")  # the ending marks categories taken over from Caltech-101
_MAPPING = "LOC_synset_mapping.txt"


class Found(NamedTuple):
    """One photo: where it lies, its name within the data set (relative, with "/"), what is on it if that is known."""

    path: Path
    key: str
    label: str | None


def find(folder: Path, layout: str = "auto", labels: str = "auto") -> list[Found]:
    """Every photo of a data set, in the order of their paths.

    `labels`: "auto" is what the layout knows, "folder" the name of the folder that a photo lies in (none for those
    directly in `folder`), "none" no labels. `ReadError`: no folder, no photo, unreadable annotations. `UsageError`: no
    such layout, or the folder does not have it.
    """
    for value, known in ((layout, LAYOUTS), (labels, LABELS)):
        if value not in known:
            raise UsageError(f"'{value}' is none of {', '.join(known)}")
    if not folder.is_dir():
        raise ReadError(f"{folder} is {'not a folder' if folder.exists() else 'not there'}")
    chosen = recognise(folder) if layout == "auto" else layout
    found = list(_FINDERS[chosen](folder))
    if not found:
        raise ReadError(f"there is no photo in {folder}")
    if labels == "folder":
        return [f._replace(label=_clean(f.path.parent.name) if f.path.parent != folder else None) for f in found]
    return found if labels == "auto" else [f._replace(label=None) for f in found]


def recognise(folder: Path) -> str:
    """Which of the layouts a folder has; "flat" if none of the others."""
    if _imagenet_root(folder):
        return "imagenet"
    if _coco_splits(folder):
        return "coco"
    return "caltech" if _caltech_root(folder) else "flat"


def _under(root: Path, folder: Path, label: Any = lambda path: None) -> Iterator[Found]:
    """The photos below `root`, with keys relative to `folder`."""
    for path in photos_in(root, recursive=True):
        text = label(path)
        yield Found(path, _clean(path.relative_to(folder).as_posix()), text and _clean(text))


def _clean(name: str) -> str:
    """File names need not be text; what isn't is written as escapes, because Parquet and JSON hold only text."""
    return name.encode("utf-8", "backslashreplace").decode()


def _subfolders(folder: Path, pattern: re.Pattern[str]) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(p.name for p in folder.iterdir() if pattern.fullmatch(p.name) and p.is_dir())


def _imagenet_root(folder: Path) -> Path | None:
    places = ("ILSVRC/Data/CLS-LOC/train", "Data/CLS-LOC/train", "train", "")
    return next((folder / p for p in places if _subfolders(folder / p, _SYNSET)), None)


def _imagenet(folder: Path) -> Iterator[Found]:
    root = _imagenet_root(folder)
    if root is None:
        raise UsageError(f"{folder} has no folders like train/n01440764, so it is not laid out as ImageNet")
    names = _synset_names(folder)

    def label(path: Path) -> str | None:
        # not always the parent: Tiny-ImageNet has n01443537/images/*.JPEG
        synset = path.relative_to(root).parts[0]
        return names.get(synset, synset) if _SYNSET.fullmatch(synset) else None

    return _under(root, folder, label)


def _synset_names(folder: Path) -> dict[str, str]:
    """n01440764 -> tench. Where two share their first name (there are two cranes), the number stays in it."""
    mapping = next((p / _MAPPING for p in (folder, *folder.parents[:4]) if (p / _MAPPING).is_file()), None)
    if mapping is None:
        return {}
    try:
        lines = mapping.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"{mapping} cannot be read: {error}") from error
    first = {s: names.split(",")[0].strip() for s, _, names in (line.partition(" ") for line in lines) if names}
    times = Counter(first.values())
    return {s: name if times[name] == 1 else f"{name} ({s})" for s, name in first.items()}


def _coco_splits(folder: Path) -> list[tuple[Path, Path]]:
    """(annotations, folder of photos) of the training splits, or of all where none is called so."""
    splits = []
    for file in sorted((folder / "annotations").glob("instances_*.json")):
        name = file.stem.removeprefix("instances_")
        photos = next((p for p in (folder / name, folder / "images" / name) if p.is_dir()), None)
        if photos is not None:
            splits.append((file, photos))
    return [s for s in splits if s[1].name.startswith("train")] or splits


def _coco(folder: Path) -> Iterator[Found]:
    splits = _coco_splits(folder)
    if not splits:
        raise UsageError(f"{folder} has no annotations/instances_*.json with photos beside it, as COCO has")
    for file, photos in splits:
        labels = _coco_labels(file)
        yield from _under(photos, folder, lambda path, labels=labels: labels.get(path.name))


def _coco_labels(file: Path) -> dict[str, str]:
    """File name -> category of the object with the largest area; crowds are not objects."""
    try:
        with file.open(encoding="utf-8") as text:
            content = json.load(text, object_hook=_slim)
        photos, names = dict(content["images"]), {c["id"]: str(c["name"]) for c in content["categories"]}
        largest: dict[int, tuple[float, int]] = {}
        for photo, area, category in filter(None, content["annotations"]):
            if photo not in largest or area > largest[photo][0]:
                largest[photo] = (area, category)
        return {photos[photo]: names[category] for photo, (_, category) in largest.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(f"{file} is not COCO's list of objects, or is damaged") from error


def _slim(entry: dict[str, Any]) -> Any:
    """What we need of an annotation or an image, at once: the outlines of 860,000 objects would fill gigabytes."""
    if "image_id" in entry and "category_id" in entry:
        return None if entry.get("iscrowd") else (entry["image_id"], float(entry["area"]), entry["category_id"])
    return (entry["id"], entry["file_name"]) if "file_name" in entry else entry


def _caltech_root(folder: Path) -> Path | None:
    return next((p for p in (folder, folder / "256_ObjectCategories") if _subfolders(p, _NUMBERED)), None)


def _caltech(folder: Path) -> Iterator[Found]:
    root = _caltech_root(folder)
    if root is None:
        raise UsageError(f"{folder} has no folders like 256_ObjectCategories/001.ak47, so it is not Caltech-256")

    def label(path: Path) -> str | None:
        match = _NUMBERED.fullmatch(path.relative_to(root).parts[0])
        return match[1] if match and match[1] != "clutter" else None

    return _under(root, folder, label)


def _flat(folder: Path) -> Iterator[Found]:
    return _under(folder, folder)


_FINDERS = {"imagenet": _imagenet, "coco": _coco, "caltech": _caltech, "flat": _flat}
