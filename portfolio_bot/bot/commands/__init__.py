"""One file for each command: its handler and its specification. `bot.menu` lists them."""
