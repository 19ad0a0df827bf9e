"""One total for money held on several exchanges and brokers."""

__version__ = "0.1.0"
