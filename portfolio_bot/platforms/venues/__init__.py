"""One file per exchange: its wallets, prices, error codes, rights. Only what is peculiar to it."""
