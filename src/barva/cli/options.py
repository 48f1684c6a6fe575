"""Options that several commands share, written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Method = Annotated[str, typer.Option("--method", "-m", help="Which method colors (barva methods lists them).")]
Vividness = Annotated[float, typer.Option("--vividness", help="0 muted, 1 the method's own, 2 strong.")]
Strength = Annotated[
    float, typer.Option("--strength", min=0, max=1, help="How strongly marks are held: 0 not at all, 1 in full.")
]
SceneFile = Annotated[Path | None, typer.Option("--scene", help="A scene (JSON-LD): paint what it asks for.")]
SaveScene = Annotated[
    Path | None,
    typer.Option("--save-scene", help="Write what is known of the photo afterwards; of several photos, into a folder."),
]
Say = Annotated[
    list[str] | None,
    typer.Option(
        "--say",
        metavar="TEXT|FILE",
        help="What to color, in words, English or Ukrainian: 'make the car red'. Repeatable; may name a text file.",
    ),
]
Recursive = Annotated[bool, typer.Option("--recursive", "-r", help="Look into folders' folders too.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="GLOB",
        help="Leave out photos and folders whose name or path fits, such as 'proofs/*'. Repeatable.",
    ),
]
SkipColor = Annotated[bool, typer.Option("--skip-color", help="Leave photos that are in color already.")]
KeepTimes = Annotated[bool, typer.Option("--keep-times", help="Give results the file times of their photos.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="For methods that draw at random: same seed, same picture.")]
Steps = Annotated[
    int | None,
    typer.Option("--steps", metavar="N", help="Steps of a method that draws its answers, 1 to 1000; default: its own."),
]
Like = Annotated[
    str | None,
    typer.Option(
        "--like",
        metavar="METHOD[@AMOUNT]",
        help="For methods that draw their answers: begin with the answer of another one, such as guided, and go "
        "away from it by an amount above 0, at most 1 (default 0.5).",
    ),
]
Resample = Annotated[
    list[str] | None,
    typer.Option(
        "--resample",
        metavar="WHERE[@N]",
        help="For methods that draw their answers: draw the colors in this region anew, the N-th time (default 1), "
        "and leave all others as they are. WHERE as for --region. Repeatable.",
    ),
]
Format = Annotated[
    str | None, typer.Option("--format", "-f", help="jpeg, png, tiff, webp, avif, bmp or gif; default: as the photo.")
]
Quality = Annotated[
    int | None, typer.Option("--quality", "-q", min=1, max=100, help="JPEG and WebP: 95 by default; AVIF: 85.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace results that exist; without it they stay.")]
Page = Annotated[int | None, typer.Option("--page", min=1, help="Only this page of a multi-page TIFF.")]
Salvage = Annotated[bool, typer.Option("--salvage", help="Color what is left of a damaged or cut-off file.")]
MaxPixels = Annotated[
    int | None, typer.Option("--max-pixels", min=1, help="Largest width x height accepted (500 million).")
]
NoProvenance = Annotated[bool, typer.Option("--no-provenance", help="Write no note of how the photo was colored.")]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Photos at a time; default: one a core.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="The file or folder to write.")]
Points = Annotated[
    list[str] | None,
    typer.Option(
        "--point", metavar="X,Y=COLOR", help="This color here: pixels, or shares such as 0.5,0.25. Repeatable."
    ),
]
Strokes = Annotated[
    list[str] | None,
    typer.Option("--stroke", metavar="X,Y;X,Y;...@WIDTH=COLOR", help="This color along a line. Repeatable."),
]
Regions = Annotated[
    list[str] | None,
    typer.Option(
        "--region",
        metavar="WHERE=COLOR",
        help="This color in: MASK.png, LABELS.png:1, box:LEFT,TOP,RIGHT,BOTTOM or polygon:X,Y;X,Y;X,Y. Repeatable.",
    ),
]
Masks = Annotated[
    list[Path] | None,
    typer.Option("--mask", help="A palette or RGB picture that sets the colors and where they go; black: nothing."),
]
References = Annotated[
    list[Path] | None,
    typer.Option("--reference", help="Take colors from this color photo, or a folder of them. Repeatable."),
]
Swatches = Annotated[
    list[str] | None,
    typer.Option(
        "--swatch",
        metavar="BOX=BOX[@N]",
        help="Color the first box like the second one of reference N (method welsh). "
        "A box is LEFT,TOP,RIGHT,BOTTOM in shares 0..1. Repeatable.",
    ),
]
Palette = Annotated[
    str | None,
    typer.Option(
        "--palette", metavar="PICTURE|COLOR,...", help="Keep colors near those of a picture, or near these colors."
    ),
]
Matching = Annotated[
    str,
    typer.Option(
        "--matching",
        metavar="texture|objects",
        help="What the methods irony, references and welsh compare with references: light and texture, as published, "
        "or also what a network sees there.",
    ),
]
NoSkin = Annotated[
    bool, typer.Option("--no-skin", help="Leave skin gray where the method did, beside a face that it colored.")
]
Exact = Annotated[
    bool,
    typer.Option(
        "--exact",
        help="The reference answer by a direct solver (method levin): about 5 s and 0.7 GB for a 3:4 photo, 20 s and "
        "1.7 GB for the longest.",
    ),
]
GuidanceFile = Annotated[Path | None, typer.Option("--guidance", help="A hint file (JSON) with marks.")]
SaveGuidance = Annotated[Path | None, typer.Option("--save-guidance", help="Write all marks into a hint file.")]
