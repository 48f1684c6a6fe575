"""The picture as an element of the page: properties in, `act` events out; the rest is in `static/picture`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui.element import Element

_WORDS = (
    "stage", "points", "pending", "point", "stroke", "box", "object", "zoom", "zoomIn", "zoomOut", "fit", "compare",
    "before", "after", "likely", "recent", "wheel", "hex", "dropper", "remove", "close", "name", "none", "drop",
)  # fmt: skip


class Picture(Element, component="static/picture.js", esm={"barva-picture": "static/picture"}):
    """`words` speaks the page's language; `act(event, data)` hears what the person does."""

    def __init__(self, words: Any, act: Callable[[str, dict[str, Any]], Any]) -> None:
        super().__init__()
        self._props["words"] = words.some(*_WORDS)
        self._props["upload"] = "/studio/open?work="

        def heard(event: Any) -> Any:
            data = dict(event.args)
            return act(str(data.pop("event", "")), data)

        self.on("act", heard)

    def show(self, **values: Any) -> None:
        """Set properties; only what changed goes over the wire."""
        changed = {k: v for k, v in values.items() if self._props.get(k) != v}
        if changed:
            self._props.update(changed)
            self.update()

    def call(self, name: str, *values: Any) -> None:
        """Call one of the picture's methods."""
        self.run_method("act", name, *values)
