"""Mathematics. Pure: values in, value out; no I/O, no clock, no settings."""
