"""All words in Russian."""
