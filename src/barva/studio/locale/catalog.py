"""Catalogs of the page's languages: gettext's `LANGUAGE/LC_MESSAGES/barva.po`, read when the first page needs one."""

from __future__ import annotations

import gettext
import io
from functools import lru_cache
from pathlib import Path

from barva.errors import Message

FOLDER = Path(__file__).parent
MESSAGE, CARD = "message", "card"
"""Contexts: errors and notes by their codes, and the texts of method cards by `METHOD.FIELD`."""


class Catalog:
    """One language: texts of the page by their key; errors, notes and cards by their code."""

    def __init__(self, path: Path) -> None:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        with path.open("rb") as file:
            self.po = read_po(file)
        compiled = io.BytesIO()
        write_mo(compiled, self.po)
        compiled.seek(0)
        self._translations = gettext.GNUTranslations(compiled)

    def page_text(self, key: str, english: str) -> str:
        """The text of the page with this key; `english` where there is none."""
        return self._translations.pgettext(key, english)

    def message(self, message: Message) -> str:
        """An error or a note; its value `count` decides between plural forms. English where there is no text."""
        code, count = message.code or "", message.values.get("count")
        if isinstance(count, int):
            text = self._translations.npgettext(MESSAGE, code, code, count)
        else:
            text = self._translations.pgettext(MESSAGE, code)
        if text == code:
            text = message.template
        values = {
            name: self.message(value) if isinstance(value, Message) else value for name, value in message.values.items()
        }
        return text.format_map(values) if values else text

    def card(self, method: str, field: str, english: str) -> str:
        """A text of a method's card; `english` where there is none."""
        key = f"{method}.{field}"
        text = self._translations.pgettext(CARD, key)
        return english if text == key else text


@lru_cache
def catalog(language: str) -> Catalog | None:
    """The catalog of a language; None for English, which the texts are written in."""
    path = FOLDER / language / "LC_MESSAGES" / "barva.po"
    return Catalog(path) if path.is_file() else None
