"""Imports what the first reading imports, so that no test measures that."""

from __future__ import annotations

import pytest

from tests.platforms.contract.peers import CONTRACT, opened


@pytest.fixture(scope="package", autouse=True)
def warm() -> None:
    """Every client class once."""
    import asyncio

    async def make() -> None:
        for source in CONTRACT:
            async with opened(source, "http://127.0.0.1:9"):
                pass

    asyncio.run(make())
