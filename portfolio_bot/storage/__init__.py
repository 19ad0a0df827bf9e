"""The one file of data. Functions take a transaction and values, give values back, and never begin or commit."""
