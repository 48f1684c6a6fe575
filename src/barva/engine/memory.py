"""`Memory`: what the expensive stages answered for one photo, kept for the next change of its guidance."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Protocol, TypeVar, runtime_checkable

from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, Float, Method, MethodCard, PaintOptions, Reference

T = TypeVar("T")

KEPT = 12
"""Answers of one session that are remembered: enough for undo and redo of the last steps. One of `guided` is 3 MB."""

LOOKS = 4
"""Answers that painting one photo once may ask for again: with all marks, with some, with none, and of references."""


@runtime_checkable
class TwoStageMethod(Protocol):
    """A method in two stages: the first runs the network, the second is quick."""

    def logits(self, light: Float, hints: HintMap | None) -> Float:
        """The network's raw answer (Q, h, w)."""
        ...

    def decode_logits(self, logits: Float, hints: HintMap | None) -> Chroma:
        """`paint` is `decode_logits(logits(light, hints), hints)`."""
        ...

    def probabilities(self, logits: Float) -> Float:
        """`distribution` is `probabilities(logits(light, hints))`."""
        ...


class Memory:
    """The last `size` answers by what they answer; the oldest go. Safe to use from several threads: two that ask the
    same at once may both compute it. One memory belongs to one photo and one method."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for `key`, or makes it."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                answer: T = self._answers[key]
                return answer
        answer = make()
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        return answer

    def wrap(self, method: Method) -> Method:
        """The method, asking this memory first."""
        if isinstance(method, TwoStageMethod):
            return _TwoStageCached(method, self)
        return _DistributionCached(method, self) if method.card.has_distribution else _Cached(method, self)

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()


class _Cached:
    def __init__(self, method: Method, memory: Memory) -> None:
        self._method, self._memory = method, memory

    @property
    def card(self) -> MethodCard:
        return self._method.card

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        rest = repr(replace(options, references=()))
        key = ("paint", digest(hints), *map(_reference_key, options.references), rest)
        return self._memory.get(key, lambda: self._method.paint(light, hints, options))


class _DistributionCached(_Cached):
    _method: Any

    def distribution(self, light: Float, hints: HintMap | None) -> Float:
        """As the method's own."""
        key = ("distribution", digest(hints))
        answer: Float = self._memory.get(key, lambda: self._method.distribution(light, hints))
        return answer


class _TwoStageCached(_Cached):
    _method: Any

    def logits(self, light: Float, hints: HintMap | None) -> Float:
        return self._memory.get(("logits", digest(hints)), lambda: self._method.logits(light, hints))

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        answer: Chroma = self._method.decode_logits(self.logits(light, hints), hints)
        return answer

    def distribution(self, light: Float, hints: HintMap | None) -> Float:
        """As the method's own."""
        answer: Float = self._method.probabilities(self.logits(light, hints))
        return answer


def _reference_key(reference: Reference) -> tuple[str, bytes]:
    labels = reference.labels
    return reference.sha256, b"" if labels is None else blake2b(labels.tobytes(), digest_size=16).digest()


def digest(hints: HintMap | None) -> bytes:
    """What tells one set of hints from another."""
    if hints is None:
        return b""
    sha = blake2b(hints.ab.tobytes(), digest_size=16)
    sha.update(hints.weight.tobytes())
    return sha.digest()
