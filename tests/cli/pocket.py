"""A pocket calculator: it knows sums, products and quotients and what is printed, and nothing of the program."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any

Answer = dict[str, Any]
YEAR = 365


def rounded(number: Fraction | Decimal, places: int) -> Decimal:
    """Half-even, as the last line of a calculation."""
    with localcontext(prec=80):
        exact = Decimal(number.numerator) / Decimal(number.denominator) if isinstance(number, Fraction) else number
        return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def total(answer: Answer) -> tuple[Decimal, Decimal]:
    """The total in dollars and in roubles, from amounts and prices."""
    whole = Fraction(0)
    for account in answer["accounts"]:
        of_account = Fraction(0)
        for row in account["rows"]:
            if row["value_usd"] is None:
                continue
            product = Fraction(row["amount"]) * Fraction(row["price_usd"])
            # a price that follows from a value has an end, at 18 digits
            assert abs(product - Fraction(row["value_usd"])) <= abs(product) / 10**15, row
            of_account += Fraction(row["value_usd"])
        if account["value_usd"] is not None:
            assert abs(of_account - Fraction(account["value_usd"])) < Fraction(1, 10**15)
        whole += of_account
    whole += sum(Fraction(row["value_usd"]) for row in answer["in_transit"] if row["value_usd"] is not None)
    rate = answer["fx"]["USD/RUB"]["rate"]
    return rounded(whole, 8), rounded(whole * Fraction(rate), 8)


def twr(answer: Answer) -> Decimal:
    """Chained over every period, each return anew from its values, its flows and its rule."""
    growth, end_before = Fraction(1), None
    for one in answer["periods"]:
        start, end = Fraction(one["start_value"]), Fraction(one["end_value"])
        assert end_before in {None, start}
        end_before = end
        flows = [(flow, Fraction(flow["value"])) for flow in one["flows"]]
        profit = end - start - sum(value for _, value in flows)
        weights = [_weight(one, flow, value) for flow, value in flows]
        assert [rounded(weight, 15) for weight in weights] == [rounded(Fraction(f["weight"]), 15) for f, _ in flows]
        if one["rule"] is None:
            continue
        capital = start + sum(weight * value for weight, (_, value) in zip(weights, flows, strict=True))
        growth *= 1 + profit / capital
        assert rounded(growth, 12) == rounded(Fraction(one["product"]), 12)
    return rounded(growth - 1, 12)


def _weight(period: Answer, flow: Answer, value: Fraction) -> Fraction:
    """Which part counts, by what the rule says."""
    if period["rule"] in {"start", None}:
        return Fraction(1)
    if period["rule"] == "pp":
        return Fraction(int(value > 0))
    if flow["until"] is not None:
        return Fraction(int(value > 0))
    begin, end = at(period["from"]), at(period["to"])
    return Fraction(micros(begin, end) - micros(begin, at(flow["at"])), micros(begin, end))


def xirr(answer: Answer) -> tuple[float, float]:
    """The rate by halving, per year and of the period, from the payments alone."""
    payments = [(float(one["days"]) / YEAR, float(one["amount"])) for one in answer["payments"]]

    def npv(rate: float) -> float:
        return float(sum(amount * (1 + rate) ** -years for years, amount in payments))

    near = float(answer["rate"])
    low, high = near - abs(near) * 0.01 - 1e-6, near + abs(near) * 0.01 + 1e-6
    assert npv(low) * npv(high) < 0, "the rate is no root"
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if npv(low) * npv(middle) > 0 else (low, middle)
    span = max(years for years, _ in payments)
    return low, (1 + low) ** span - 1


def disposed(answer: Answer) -> tuple[Decimal, Decimal]:
    """Realised and unrealised profit of an asset from its disposals and its lots."""
    realised = unrealised = Fraction(0)
    for one in answer["disposals"]:
        cost = sum((Fraction(lot["cost"]) for lot in one["lots"] if lot["cost"] is not None), Fraction(0))
        gain = Fraction(one["proceeds"]) - Fraction(one["unmatched_proceeds"]) - cost
        assert rounded(gain, 15) == rounded(Fraction(one["gain"]), 15)
        realised += gain if one["kind"] != "withdrawal" else 0
    for lot in answer["lots"]:
        if lot["cost"] is not None:
            price = Fraction(answer["prices"][answer["asset"]]["usd"])
            gain = Fraction(lot["amount"]) * price - Fraction(lot["cost"])
            unrealised += -gain if lot["source"] == "short" else gain
    return rounded(realised, 8), rounded(unrealised, 8)


def first_in_first_out(answer: Answer) -> Decimal:
    """Realised profit of an asset from its trades alone: for trades against dollars, with fees in any coin."""
    lots: list[list[Fraction]] = []
    realised = Fraction(0)
    for trade in answer["trades"]:
        asset, value = answer["asset"], Fraction(trade["usd_value"])
        if trade["base"] != asset:
            realised += _used(lots, *_fee_of(trade, asset))
            continue
        in_base = sum((Fraction(fee["amount"]) for fee in trade["fees"] if fee["asset"] == asset), Fraction(0))
        beside = sum((_fee_usd(trade, fee) for fee in trade["fees"] if fee["asset"] != asset), Fraction(0))
        if trade["side"] == "buy":
            lots.append([Fraction(trade["amount"]) - in_base, value + beside])
        else:
            realised += _used(lots, Fraction(trade["amount"]) + in_base, value - beside)
    return rounded(realised, 8)


def _fee_of(trade: Answer, asset: str) -> tuple[Fraction, Fraction]:
    """A fee in this coin is a sale of it at its value."""
    mine = [fee for fee in trade["fees"] if fee["asset"] == asset]
    return sum((Fraction(fee["amount"]) for fee in mine), Fraction(0)), sum(
        (_fee_usd(trade, fee) for fee in mine), Fraction(0)
    )


def _fee_usd(trade: Answer, fee: Answer) -> Fraction:
    if fee["asset"] == trade["quote"]:
        return Fraction(trade["usd_value"]) * Fraction(fee["amount"]) / Fraction(trade["cost"])
    return Fraction(fee["usd_value"])


def _used(lots: list[list[Fraction]], quantity: Fraction, proceeds: Fraction) -> Fraction:
    cost = Fraction(0)
    while quantity:
        there, paid = lots[0]
        part = min(there, quantity)
        share = paid * part / there
        cost, quantity = cost + share, quantity - part
        lots[0] = [there - part, paid - share]
        if not lots[0][0]:
            lots.pop(0)
    return proceeds - cost


def at(text: str) -> datetime:
    """An instant as it is printed."""
    return datetime.fromisoformat(text)


def micros(begin: datetime, end: datetime) -> int:
    """Whole microseconds from one to the other."""
    length = end - begin
    return (length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds


def added(numbers: Iterable[str | None]) -> Fraction:
    """A sum of what is known."""
    return sum((Fraction(one) for one in numbers if one is not None), Fraction(0))
