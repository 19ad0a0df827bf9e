"""What is said: values become documents. Decided once, for every face."""

from portfolio_bot.report.compose.overview import status

__all__ = ["status"]
