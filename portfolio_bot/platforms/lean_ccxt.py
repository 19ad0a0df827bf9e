"""ccxt without its other hundred exchanges.

Importing any one class of ccxt the plain way executes both of its packages, that is all 107 exchanges: 103 MB and
about two seconds. Here the two packages stand in `sys.modules` unexecuted: they have a path, so that submodules are
found as usual, but their own files never run. ccxt's base asks the top package for its error classes, `Exchange` and
`Precise`; a module-level `__getattr__` serves those.

Only public import machinery is used. Whatever surprises here (another version of ccxt) leads to the plain import.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

log = logging.getLogger(__name__)

_PACKAGES = ("ccxt", "ccxt.async_support")
_SERVED = {"Exchange": "ccxt.base.exchange", "Precise": "ccxt.base.precise"}
"""What ccxt's own base takes from its top package, beside the error classes."""


def exchange_class(ccxt_id: str) -> Callable[..., Any]:
    """The asyncio class of one exchange, imported without the others."""
    try:
        _prepare()
        return _load(ccxt_id)
    except Exception as error:  # noqa: BLE001 - whatever the trick stumbles over, the plain import is there
        log.warning("ccxt is imported whole, which takes 50 MB more: the lean way failed with %s", type(error).__name__)
        forget()
        return _load(ccxt_id)


def error_class(name: str) -> type[Exception]:
    """An error class of ccxt, once an exchange was loaded."""
    found: type[Exception] = getattr(importlib.import_module("ccxt.base.errors"), name)
    return found


def forget() -> None:
    """Take every module of ccxt out of the process, so that the next import is a plain one."""
    for name in [name for name in sys.modules if name == "ccxt" or name.startswith("ccxt.")]:
        del sys.modules[name]


def _load(ccxt_id: str) -> Callable[..., Any]:
    module = importlib.import_module(f"ccxt.async_support.{ccxt_id}")
    found: Callable[..., Any] = getattr(module, ccxt_id)
    return found


def _prepare() -> None:
    if "ccxt" in sys.modules:
        return
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ImportError(f"{name} is not installed")
        sys.modules[name] = importlib.util.module_from_spec(spec)
    top = sys.modules["ccxt"]
    top.__getattr__ = _serve  # type: ignore[method-assign]  # a module-level __getattr__, PEP 562
    setattr(top, "async_support", sys.modules["ccxt.async_support"])  # noqa: B010 - a module has no such attribute


def _serve(name: str) -> object:
    """`ccxt.<name>` for the few names that its base takes from there."""
    if name in _SERVED:
        return getattr(importlib.import_module(_SERVED[name]), name)
    errors: ModuleType = importlib.import_module("ccxt.base.errors")
    if hasattr(errors, name):
        return getattr(errors, name)
    raise AttributeError(f"module 'ccxt' has no attribute {name!r}")
