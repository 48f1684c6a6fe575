"""XMP sidecars: what a photo's catalog keeps beside it goes along with the result.

What it says of the picture is made true as in the packets inside files. `photo.jpg.xmp` becomes `photo.color.jpg.xmp`;
`photo.xmp`, as Lightroom writes it, becomes `photo.color.xmp`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from barva.errors import WriteError
from barva.files import absolute, write_whole
from barva.imaging.formats import FORMATS, suffixes
from barva.imaging.metadata import xmp
from barva.imaging.metadata.cargo import change_of
from barva.imaging.packet import packet_trouble
from barva.imaging.photo import Photo

_LARGEST = 64_000_000


@dataclass(frozen=True)
class Sidecar:
    """One sidecar, and where it goes."""

    source: Path
    target: Path


def find_sidecars(source: Path, output: Path) -> tuple[list[Sidecar], tuple[str, ...]]:
    """The sidecars of a photo, and notes on those that belong to several files and are therefore left."""
    sidecars: list[Sidecar] = []
    notes: tuple[str, ...] = ()
    whole = _existing_file(source.with_name(source.name + ".xmp"))
    if whole is not None:
        sidecars.append(Sidecar(whole, output.with_name(output.name + whole.suffix)))
    stem = _existing_file(source.with_suffix(".xmp")) if source.suffix else None
    if stem is not None:
        others = [p.name for p in _same_stem(source) if p != source]
        target = output.with_suffix(stem.suffix)
        if others:
            notes = (f"{stem.name} was left: it may belong to {others[0]} as well",)
        elif absolute(target) == absolute(stem):
            notes = (f"{stem.name} was left as it is: by its name it belongs to {output.name} as well",)
        else:
            sidecars.append(Sidecar(stem, target))
    return sidecars, notes


def check(sidecars: list[Sidecar], overwrite: bool) -> None:
    """WriteError where a sidecar would replace a file; before anything is painted."""
    for one in sidecars:
        if one.target.exists() and not overwrite:
            raise WriteError(f"{one.target} exists; --overwrite replaces it")


def copy(sidecars: list[Sidecar], photo: Photo, format: str, overwrite: bool) -> tuple[str, ...]:
    """Write the sidecars beside the result of `photo`, a file of `format`, and make them true as the packet inside
    the file is. Notes on those that were left or must not be touched. WriteError."""
    envelope = photo.envelope
    change = change_of(envelope, format, (photo.width, photo.height), 3)
    parts = xmp.Parts(companions=envelope.companions)
    notes: list[str] = []
    for one in sidecars:
        try:
            if one.source.stat().st_size > _LARGEST:
                notes.append(f"{one.source.name} is too large for a sidecar: it was left")
                continue
            packet = one.source.read_bytes()
        except OSError as error:
            notes.append(f"the sidecar {one.source.name} cannot be read ({error.strerror}): it was left")
            continue
        if trouble := packet_trouble(packet):
            notes.append(f"{one.source.name}: {trouble}: it was copied as it is")
        # A catalog may turn a photo whose file says nothing of it: that is still to be done.
        upright = 1 if FORMATS[envelope.format].upright else change.remaining(xmp.orientation(packet))
        write_whole(one.target, xmp.refresh(packet, change, parts, upright), overwrite)
    return tuple(notes)


def _existing_file(path: Path) -> Path | None:
    """The file of that name, or with its last suffix in capitals."""
    for one in (path, path.with_suffix(path.suffix.upper())):
        if one.is_file():
            return one
    return None


def _same_stem(source: Path) -> list[Path]:
    """Photos, raw files and other files of the same stem: whose `NAME.xmp` is is not known then. Own results, other
    sidecars and texts are none."""
    text = {".xmp", ".txt", ".json", ".xml", ".md"}
    return sorted(
        p
        for p in source.parent.iterdir()
        if p.stem == source.stem and p.suffix.lower() not in text and (p.suffix.lower() in suffixes() or p.is_file())
    )
