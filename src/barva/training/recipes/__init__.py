"""Recipes: functions without arguments that return a frozen `Recipe`. Each docstring: command, time, expected score."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from inspect import getmembers, isfunction
from typing import Any


def functions() -> dict[str, Callable[[], Any]]:
    """Every recipe by name."""
    found: dict[str, Callable[[], Any]] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = import_module(f"{__name__}.{module.name}")
        own = {n: f for n, f in getmembers(loaded, isfunction) if f.__module__ == loaded.__name__}
        found |= {n: f for n, f in own.items() if not n.startswith("_")}
    return found
