"""`python -m portfolio_bot` is `portfolio-bot`."""

import sys

from portfolio_bot.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
