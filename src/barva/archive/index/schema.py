"""The rows of the index: names and types of its columns, and the version of the format."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

VERSION = 1
"""Of the format; a file of a newer one is refused."""

_BYTE = re.compile(r"\\x([89a-f][0-9a-f])")

KEY, REPLACES = b"barva.index", b"barva.replaces"
"""Keys of a Parquet file's metadata: the version, and names of the parts that it stands for."""

COLUMNS = {
    "path": "string",
    "output": "string",
    "state": "string",
    "sha256": "string",
    "pixels": "string",
    "bytes": "int64",
    "width": "int32",
    "height": "int32",
    "format": "string",
    "tone": "string",
    "cast_hue": "float32",
    "cast_chroma": "float32",
    "confidence": "float32",
    "mean_a": "float32",
    "mean_b": "float32",
    "notes": "texts",
    "objects": "objects",
    "perceived": "bool",
    "error": "string",
    "method": "string",
    "weights": "string",
    "barva": "string",
    "settings": "string",
    "seconds": "float32",
    "at": "float64",
}
"""Column -> type. `state` is done, kept, left or failed; `pixels` the sha256 of the upright pixels; `tone` as
`imaging.tone` names it; `confidence` 0..1; `perceived` whether objects were looked for;
`seconds` those of one process; `at` seconds since 1970."""


@cache
def schema() -> Any:
    """The pyarrow schema of the rows."""
    import pyarrow as pa

    color = [(name, pa.float32()) for name in ("sure", "L", "a", "b")]
    kinds = {
        "texts": pa.list_(pa.string()),
        "objects": pa.list_(pa.struct([("id", pa.string()), ("kind", pa.string()), *color])),
    }
    fields = [(name, kinds.get(kind) or pa.type_for_alias(kind)) for name, kind in COLUMNS.items()]
    return pa.schema(fields, metadata={KEY: str(VERSION)})


def table(rows: Iterable[Mapping[str, Any]]) -> Any:
    """Rows as a pyarrow table; what a row lacks is null, and what no column is for is left out."""
    import pyarrow as pa

    return pa.Table.from_pylist([{k: _clean(v) for k, v in row.items()} for row in rows], schema=schema())


def _clean(value: Any) -> Any:
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return name_text(value) if isinstance(value, str) else value


def name_text(name: str) -> str:
    """A file's name as text. Names need not be text: a byte that is none becomes four signs, such as `\\xe9`, so that
    two names stay two."""
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def file_name(text: str) -> str:
    """The name that `name_text` wrote."""
    if os.sep == "\\" or "\\x" not in text:  # names of Windows are text
        return text
    return _BYTE.sub(lambda found: chr(0xDC00 + int(found[1], 16)), text)
