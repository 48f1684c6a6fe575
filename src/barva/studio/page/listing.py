"""Lists of the visitor's photos as elements of the page: what there is goes in, row by row, `act` events come out; the
rest is in `web/photos`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from nicegui.element import Element

from barva.studio.locale.messages import Words
from barva.studio.page import assets

Kind = Literal["strip", "list", "page", "choice"]

_WORDS = ("photos.show", "photos.stop", "photos.retry", "photos.remove")


@dataclass(frozen=True)
class Row:
    """One photo as lists show it: the state of its job, `text` for people, and which small picture there is. One that
    `stays` cannot be removed."""

    key: str
    name: str
    state: str = "open"
    text: str = ""
    thumb: str = ""
    stays: bool = False


class Listing(Element, component=assets.FOLDER / "photos.js", esm={"barva-photos": str(assets.FOLDER / "photos")}):
    """`act(event, data)` is called with what the person does. One of them gets the `rows` for all that are on the page,
    and changes by `call`; a choice leaves out `source`, whose scene goes to the others."""

    def __init__(
        self,
        words: Words,
        kind: Kind,
        act: Callable[[str, dict[str, Any]], Any],
        rows: list[Row] | None = None,
        source: str = "",
    ) -> None:
        super().__init__()
        self._props["kind"] = kind
        self._props["words"] = words.subset(*_WORDS)
        self._props["source"] = source
        if rows is not None:
            self._props["rows"] = [asdict(row) for row in rows]

        def on_event(event: Any) -> Any:
            data = dict(event.args)
            return act(str(data.pop("event", "")), data)

        self.on("act", on_event)

    def call(self, name: str, *values: Any) -> Any:
        """Call a method of the lists or of the browser's history; awaited, it gives what comes back."""
        return self.run_method("act", name, *values, timeout=5)
