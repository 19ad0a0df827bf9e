"""Shares: sums never round, divisions do so the same way for everybody."""

from __future__ import annotations

import decimal
from decimal import Decimal

import pytest

from portfolio_bot.analytics.shares import exactly, quotient, share


def test_sums_are_exact_inside_and_the_callers_context_is_untouched() -> None:
    with decimal.localcontext(prec=28):
        with exactly():
            assert Decimal("1e30") + Decimal("1e-30") - Decimal("1e30") == Decimal("1e-30")
        assert decimal.getcontext().prec == 28


@pytest.mark.parametrize("digits", [5, 28, 50])
def test_a_division_has_fifty_digits_whoever_asks(digits: int) -> None:
    with decimal.localcontext(prec=digits):
        assert quotient(Decimal(1), Decimal(3)) == Decimal("0." + "3" * 50)


def test_a_share_is_cut_at_thirty_places() -> None:
    assert share(Decimal(1), Decimal(1), Decimal(3)) == Decimal("0." + "3" * 30)
    assert share(Decimal(2), Decimal(3), Decimal(4)) == Decimal("1.5")
