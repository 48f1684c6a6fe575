"""Edits from the page, each taken once and in order, however often a broken connection has them sent again."""

from __future__ import annotations

from collections import OrderedDict
from typing import Literal

_SENDERS = 4096


class Inbox:
    """The last number taken of each sender, which is one run of edits of one window (`web/picture/outbox.js`)."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, int] = OrderedDict()

    def take(self, sender: str, n: int, first: int) -> Literal["new", "known", "early"]:
        """What to do with edit `n` of a sender whose oldest edit without an answer is `first`: do it, answer it
        again, or leave it until those before it have come."""
        last = max(self._last.pop(sender, 0), first - 1)
        state: Literal["new", "known", "early"] = "known" if n <= last else "new" if n == last + 1 else "early"
        self._last[sender] = n if state == "new" else last
        if len(self._last) > _SENDERS:
            self._last.popitem(last=False)
        return state
