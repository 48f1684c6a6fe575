"""Looking into a network while it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


@contextmanager
def evaluation(net: nn.Module, hooks: Iterable[Any]) -> Iterator[None]:
    """Meanwhile `net` is in evaluation; afterwards it is as it was, and `hooks` (handles of torch) are gone."""
    was_training = net.training
    try:
        net.eval()
        yield
    finally:
        net.train(was_training)
        for hook in hooks:
            hook.remove()
