"""`Memory`: what the expensive stages answered for one photo, kept for the next change of its guidance."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Protocol, TypeVar, runtime_checkable

from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, Float, Method, MethodCard, PaintOptions

T = TypeVar("T")

KEPT = 12
"""Answers of one session that are remembered: enough for undo and redo of the last steps. One of `guided` is 3 MB."""

LOOKS = 4
"""Answers that painting one photo once may ask for again: with all marks, with some, with none, and of references."""


@runtime_checkable
class Staged(Protocol):
    """A method in two stages: the first runs the network, the second is quick."""

    def logits(self, light: Float, hints: HintMap | None) -> Float:
        """The network's raw answer (Q, h, w)."""
        ...

    def decoded(self, logits: Float, hints: HintMap | None) -> Chroma:
        """`paint` is `decoded(logits(light, hints), hints)`."""
        ...

    def chances(self, logits: Float) -> Float:
        """`distribution` is `chances(logits(light, hints))`."""
        ...


class Memory:
    """The last `size` answers by what they answer; the oldest go. Safe to use from several threads: two that ask the
    same at once may both compute it. One memory belongs to one photo and one method."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for `key`, or makes it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: T = self._kept[key]
                return found
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return made

    def of(self, method: Method) -> Method:
        """The method, asking this memory first."""
        return _StagedRemembered(method, self) if isinstance(method, Staged) else _Remembered(method, self)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


class _Remembered:
    def __init__(self, method: Method, memory: Memory) -> None:
        self._method, self._memory = method, memory

    @property
    def card(self) -> MethodCard:
        return self._method.card

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        rest = repr(replace(options, references=()))
        key = ("paint", digest(hints), *(r.sha256 for r in options.references), rest)
        return self._memory.kept(key, lambda: self._method.paint(light, hints, options))


class _StagedRemembered(_Remembered):
    _method: Any

    def logits(self, light: Float, hints: HintMap | None) -> Float:
        return self._memory.kept(("logits", digest(hints)), lambda: self._method.logits(light, hints))

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        found: Chroma = self._method.decoded(self.logits(light, hints), hints)
        return found

    def distribution(self, light: Float, hints: HintMap | None) -> Float:
        """As the method's own."""
        found: Float = self._method.chances(self.logits(light, hints))
        return found


def digest(hints: HintMap | None) -> bytes:
    """What tells one set of hints from another."""
    if hints is None:
        return b""
    said = blake2b(hints.ab.tobytes(), digest_size=16)
    said.update(hints.weight.tobytes())
    return said.digest()
