"""ccxt without its other hundred exchanges.

Importing any one class of ccxt the plain way executes both of its packages, that is all 107 exchanges: 103 MB and
about two seconds. Here the two packages stand in `sys.modules` unexecuted: they have a path, so that submodules are
found as usual, but their own files never run. ccxt's base asks the top package for its error classes, `Exchange` and
`Precise`; a module-level `__getattr__` serves those.

ccxt's base also imports `requests`, for its synchronous transport, and `cryptography`, for keys that are no shared
secret: 14 MB that a process with ordinary keys never uses. While the base is imported, promises stand for their
names; the first one that is called has the library imported and all of them replaced.

Only public import machinery is used. Whatever surprises here (another version of ccxt) leads to the plain import.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

log = logging.getLogger(__name__)

_PACKAGES = ("ccxt", "ccxt.async_support")
_SERVED = {"Exchange": "ccxt.base.exchange", "Precise": "ccxt.base.precise"}
"""What ccxt's own base takes from its top package, beside the error classes."""

_BASE = "ccxt.base.exchange"
_PROMISED = {
    "requests": ("requests", "requests.exceptions", "requests.utils"),
    "cryptography": (
        "cryptography.hazmat",
        "cryptography.hazmat.primitives",
        "cryptography.hazmat.primitives.asymmetric",
        "cryptography.hazmat.primitives.asymmetric.utils",
        "cryptography.hazmat.primitives.serialization",
    ),
}
"""By library: the modules whose names ccxt's base imports."""


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
    with _promises():
        importlib.import_module(_BASE)


def _serve(name: str) -> object:
    """`ccxt.<name>` for the few names that its base takes from there."""
    if name in _SERVED:
        return getattr(importlib.import_module(_SERVED[name]), name)
    errors: ModuleType = importlib.import_module("ccxt.base.errors")
    if hasattr(errors, name):
        return getattr(errors, name)
    raise AttributeError(f"module 'ccxt' has no attribute {name!r}")


class _Promise:
    """A name of a library that is not imported yet, or something behind such a name. Calling it imports the library."""

    def __init__(self, module: str, path: tuple[str, ...]) -> None:
        self._module, self._path = module, path

    def __getattr__(self, name: str) -> _Promise:
        if name.startswith("__"):  # nobody shall take it for what it stands for
            raise AttributeError(name)
        return _Promise(self._module, (*self._path, name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        _keep_promises(self._module.partition(".")[0])
        return self.kept()(*args, **kwargs)

    def kept(self) -> Any:
        """What it stands for."""
        found: Any = importlib.import_module(self._module)
        for name in self._path:
            if isinstance(found, ModuleType) and not hasattr(found, name):
                importlib.import_module(f"{found.__name__}.{name}")
            found = getattr(found, name)
        return found


@contextmanager
def _promises() -> Iterator[None]:
    """Whatever is imported from these libraries meanwhile is a promise, unless they are loaded anyway."""
    modules = [_promising(name) for names in _PROMISED.values() if names[0] not in sys.modules for name in names]
    sys.modules.update({module.__name__: module for module in modules})
    try:
        yield
    finally:
        for module in modules:
            del sys.modules[module.__name__]


def _promising(name: str) -> ModuleType:
    module = ModuleType(name)

    def promise(wanted: str) -> object:
        if wanted.startswith("__"):
            raise AttributeError(wanted)
        if wanted == "default_user_agent":
            return lambda: ""  # every instance asks for it; the requests that we send have a name of their own
        return _Promise(name, (wanted,))

    module.__getattr__ = promise  # type: ignore[method-assign]  # a module-level __getattr__, PEP 562
    return module


def _keep_promises(library: str) -> None:
    base = sys.modules[_BASE]
    for name, value in list(vars(base).items()):
        if isinstance(value, _Promise) and value._module.partition(".")[0] == library:  # noqa: SLF001 - its own class
            setattr(base, name, value.kept())
