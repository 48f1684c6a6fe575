"""The studio's own controls: plain HTML elements with labels, in the studio's look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui
from nicegui.element import Element

from barva.studio.page import assets, icons

Press = Callable[[], Any]


def icon(name: str) -> ui.html:
    return ui.html(icons.svg(name), sanitize=False, tag="span").classes("b-icon")


def tag(name: str, classes: str = "", text: str = "", **attributes: str) -> Element:
    """An element with classes, text and attributes (`aria_label` is `aria-label`)."""
    element = ui.element(name)
    if classes:
        element.classes(classes)
    for key, value in attributes.items():
        element._props[key.rstrip("_").replace("_", "-")] = value
    if text:
        with element:
            ui.html(escape_html(text), sanitize=False, tag="span")
    return element


def either(name: str, mouse: str, touch: str, classes: str = "") -> Element:
    """An element that says one thing to who has a mouse, another to who has fingers."""
    element = tag(name, classes)
    with element:
        tag("span", "b-mouse-only", mouse)
        tag("span", "b-touch-only", touch)
    return element


def escape_html(text: str) -> str:
    import html

    return html.escape(text)


def button(text: str, press: Press, classes: str = "", icon_name: str = "", label: str = "") -> Element:
    """A button with text, an icon, or both; `label` where the text does not say enough."""
    element = ui.element("button").classes(f"b-button {classes}")
    element._props["type"] = "button"
    if label:
        element._props.update({"aria-label": label, "title": label})
    with element:
        if icon_name:
            icon(icon_name)
        if text:
            ui.html(escape_html(text), sanitize=False, tag="span")
    element.on("click", lambda: press())
    return element


def ghost(icon_name: str, label: str, press: Press, key: str = "") -> Element:
    """A button that is an icon; `key` is its shortcut, which the tooltip shows."""
    element = button("", press, "b-ghost", icon_name, label)
    if key:
        element._props["title"] = f"{label} ({key})"
        element._props["aria-keyshortcuts"] = key
    return element


def enable(element: Element, yes: bool) -> None:
    if element._props.get("disabled", False) == (not yes):
        return
    if yes:
        element._props.pop("disabled", None)
    else:
        element._props["disabled"] = True
    element.update()


def fill(element: Element, text: str) -> None:
    """Show a text in an element, in the place of the one before."""
    if getattr(element, "shown_text", None) != text:
        element.shown_text = text  # type: ignore[attr-defined]
        element.clear()
        with element:
            tag("span", "", text)


def press_in(element: Element, yes: bool) -> None:
    """Show a button as pressed or not."""
    if element._props.get("aria-pressed") != str(yes).lower():
        element._props["aria-pressed"] = str(yes).lower()
        element.update()


class Field(Element, component=assets.FOLDER / "field.js"):
    """A form field, `name` being its element: `input` or `select`. It shows what the person put in until `set`."""

    def __init__(self, name: str, value: str | float | bool = "", **attributes: str | float) -> None:
        super().__init__()
        self._props["tag"] = name
        for key, given in attributes.items():
            self._props[key.replace("_", "-")] = given
        self.set(value)

    def set(self, value: str | float | bool) -> None:
        """Show a value, whatever the person put in."""
        key = "checked" if isinstance(value, bool) else "value"
        self._props.update({key: value, "turn": int(self._props.get("turn", 0)) + 1})
        self.update()


class Slider:
    """A labeled range with its value; `on_change(value, final)` is called while it moves and when it rests."""

    def __init__(
        self,
        label: str,
        low: float,
        high: float,
        step: float,
        value: float,
        on_change: Callable[[float, bool], Any],
        text: Callable[[float], str],
    ) -> None:
        """`text` is how a value is written."""
        self._value, self._text = value, text
        with ui.element("label").classes("b-field b-slider") as self.element:
            with ui.element("span").classes("b-label"):
                ui.html(escape_html(label), sanitize=False, tag="span")
                self._output = ui.html(self._text(value), sanitize=False, tag="output")
            self._input = Field("input", value, type="range", min=low, max=high, step=step, aria_label=label)

        def on_input(text: Any, final: bool) -> None:
            self._value = float(text)
            self._output.set_content(self._text(self._value))
            on_change(self._value, final)

        emit = "(e) => emit(e.target.value)"
        self._input.on("input", lambda e: on_input(e.args, False), js_handler=emit, throttle=0.08)
        self._input.on("change", lambda e: on_input(e.args, True), js_handler=emit)

    def show(self, value: float) -> None:
        if value != self._value:
            self._value = value
            self._input.set(value)
            self._output.set_content(self._text(value))


class Select:
    """A labeled choice among `options` (value -> text)."""

    def __init__(
        self, label: str, options: Mapping[str, str], value: str, on_change: Callable[[str], Any], hide: bool = False
    ):
        self._value = value
        with ui.element("label").classes("b-field"):
            if not hide:
                ui.html(escape_html(label), sanitize=False, tag="span").classes("b-label")
            self._select = Field("select", value, aria_label=label).classes("b-select")
            with self._select:
                for key, text in options.items():
                    tag("option", "", "", value=key, label=text)

        def on_input(text: str) -> None:
            self._value = text
            on_change(text)

        self._select.on("change", lambda e: on_input(str(e.args)), js_handler="(e) => emit(e.target.value)")

    def show(self, value: str) -> None:
        if value != self._value:
            self._value = value
            self._select.set(value)


class Check:
    """A labeled box to tick."""

    def __init__(self, label: str, value: bool, on_change: Callable[[bool], Any]) -> None:
        self._value = value

        def on_input(ticked: bool) -> None:
            self._value = ticked
            on_change(ticked)

        with ui.element("label").classes("b-check") as self.element:
            self._box = Field("input", value, type="checkbox")
            self._box.on("change", lambda e: on_input(bool(e.args)), js_handler="(e) => emit(e.target.checked)")
            tag("span", "", label)

    def show(self, value: bool) -> None:
        if value != self._value:
            self._value = value
            self._box.set(value)


class Segments:
    """A few choices of which one is pressed."""

    def __init__(self, label: str, options: Mapping[str, str], value: str, on_change: Callable[[str], Any]) -> None:
        self._buttons: dict[str, Element] = {}
        with ui.element("div").classes("b-segments") as self.element:
            self.element._props.update({"role": "group", "aria-label": label})
            for key, text in options.items():
                self._buttons[key] = button(text, lambda key=key: on_change(key))  # type: ignore[misc]
        self.show(value)

    def show(self, value: str) -> None:
        for key, element in self._buttons.items():
            press_in(element, key == value)


class Heading:
    """A part of the panel with a title."""

    def __init__(self, title: str) -> None:
        self._section = ui.element("section").classes("b-section")
        with self._section:
            tag("h2", "b-heading", title)

    def __enter__(self) -> Element:
        return self._section.__enter__()

    def __exit__(self, *args: Any) -> None:
        self._section.__exit__(*args)
