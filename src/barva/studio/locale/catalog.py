"""Catalogs of the page's languages: gettext's `LANGUAGE/LC_MESSAGES/barva.po`, read when the first page needs one."""

from __future__ import annotations

import gettext
import io
import re
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent


class Catalog:
    """One language: texts of the page by their key, and those that are written elsewhere in English (errors, notes,
    cards), with `{}` for whatever was put into them."""

    def __init__(self, path: Path) -> None:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        with path.open("rb") as file:
            self.po = read_po(file)
        compiled = io.BytesIO()
        write_mo(compiled, self.po)
        compiled.seek(0)
        self._translations = gettext.GNUTranslations(compiled)
        templates = [(m.id,) if isinstance(m.id, str) else tuple(m.id) for m in self.po if m.id and not m.context]
        templates = [t for t in templates if "{}" in t[-1] or "colo" in t[-1]]
        templates.sort(key=lambda t: -len(t[-1].replace("{}", "")))  # the most particular first
        self._patterns = [(re.compile("(.+?)".join(map(_spelling, t[-1].split("{}")))), t) for t in templates]

    def page_text(self, key: str, english: str) -> str:
        """The text of the page with this key; `english` where there is none."""
        return self._translations.pgettext(key, english)

    def text(self, english: str) -> str:
        """A text that is written elsewhere in English; what has no translation stays as it is.

        The first number decides between plural forms.
        """
        translation = self._translations.gettext(english) if english else ""
        if translation != english:
            return translation
        for pattern, template in self._patterns:
            if match := pattern.fullmatch(english):
                return self._form(template, match.groups()).format(*map(self.text, match.groups()))
        return english

    def _form(self, template: tuple[str, ...], values: tuple[str, ...]) -> str:
        if len(template) == 1:
            return self._translations.gettext(template[0])
        count = next((int(v) for v in values if v.isdecimal()), 0)
        return self._translations.ngettext(template[0], template[1], count)


def _spelling(text: str) -> str:
    """A pattern for a text in British or American spelling."""
    return re.sub("colou?r", "colou?r", re.escape(text))


@lru_cache
def catalog(language: str) -> Catalog | None:
    """The catalog of a language; None for English, which the texts are written in."""
    path = FOLDER / language / "LC_MESSAGES" / "barva.po"
    return Catalog(path) if path.is_file() else None
