"""SQLAlchemy's asyncio engine without its object-relational mapper. Import these names from here.

`sqlalchemy.ext.asyncio` imports its sessions, and they import the mapper: 49 modules, 6 MB and a good part of a short
command's time, for tables that are asked without it. Here the package stands in `sys.modules` unexecuted, so that its
submodule with the engine is found as usual; whoever asks it for another name has it executed.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

__all__ = ["AsyncConnection", "AsyncEngine", "create_async_engine"]

_PACKAGE = "sqlalchemy.ext.asyncio"


def _engine_module() -> ModuleType:
    if _PACKAGE not in sys.modules:
        _put_unexecuted()
    try:
        return importlib.import_module(f"{_PACKAGE}.engine")
    except ImportError:  # a new version may tie the two together
        sys.modules.pop(_PACKAGE, None)
        return importlib.import_module(_PACKAGE)


def _put_unexecuted() -> None:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.loader is None:
        raise ImportError(f"{_PACKAGE} is not installed")
    package, loader = importlib.util.module_from_spec(spec), spec.loader

    def execute(name: str) -> object:
        if name.startswith("__") or importlib.util.find_spec(f"{_PACKAGE}.{name}") is not None:
            raise AttributeError(name)  # a submodule: the import system asks, and then looks for itself
        del package.__getattr__
        loader.exec_module(package)
        return getattr(package, name)

    package.__getattr__ = execute  # type: ignore[method-assign]  # a module-level __getattr__, PEP 562
    sys.modules[_PACKAGE] = package
    parent, _, own_name = _PACKAGE.rpartition(".")
    setattr(sys.modules[parent], own_name, package)


if not TYPE_CHECKING:
    _engine = _engine_module()
    AsyncConnection = _engine.AsyncConnection
    AsyncEngine = _engine.AsyncEngine
    create_async_engine = _engine.create_async_engine
