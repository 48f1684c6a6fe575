"""The picture of docs/how-to/film.md: frames of two shots as the film has them and as `barva film` colors them.

    python docs/film_pictures.py       writes docs/pictures/film.jpg

The film is made here: the camera moves over two freely licensed photos that scikit-image carries.
"""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from pictures import FOLDER, photo

import barva
from barva.evaluation.benchmark import grey_of
from barva.film.pipeline import FilmOptions, color_film

HEIGHT, WIDTH, RATE, SECONDS = 270, 360, 24, 2
SHOWN = 4
"""Frames of a shot in the picture."""


def moves(name: str) -> list[Any]:
    """A shot: frames (HEIGHT, WIDTH) uint8 of a photo that the camera slides over and comes nearer to."""
    gray, count = grey_of(photo(name)), RATE * SECONDS
    scale = 1.25 * max(HEIGHT / gray.shape[0], WIDTH / gray.shape[1])
    frames = []
    for share in np.linspace(0, 1, count):
        zoom = scale * (1 + 0.2 * share)
        x, y = -share * (gray.shape[1] * scale - WIDTH), -0.1 * (gray.shape[0] * zoom - HEIGHT)
        frames.append(
            cv2.warpAffine(gray, np.array([[zoom, 0, x], [0, zoom, y]]), (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
        )
    return frames


def write(path: Path, frames: list[Any]) -> None:
    with av.open(str(path), "w") as film:
        stream = film.add_stream("ffv1", rate=Fraction(RATE))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "gray"
        for gray in frames:
            film.mux(stream.encode(av.VideoFrame.from_ndarray(gray, format="gray")))
        film.mux(stream.encode())


def read(path: Path) -> list[Any]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def main() -> None:
    shots = [moves("astronaut"), moves("rocket")]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "film.mkv", Path(folder) / "film.color.mkv"
        write(source, [frame for shot in shots for frame in shot])
        color_film(source, target, barva.Colorizer(), FilmOptions())
        colored = read(target)
    rows, first = [], 0
    for shot in shots:
        picked = np.linspace(0, len(shot) - 1, SHOWN).astype(int)
        rows.append(np.hstack([np.repeat(shot[n][..., None], 3, axis=2) for n in picked]))
        rows.append(np.hstack([colored[first + n] for n in picked]))
        first += len(shot)
    picture = cv2.resize(np.vstack(rows), None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(FOLDER / "film.jpg"), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
