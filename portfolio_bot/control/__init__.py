"""The running service, asked by its own command line over a Unix socket in the data folder."""
