"""Storage: real SQLite in a temporary folder."""
