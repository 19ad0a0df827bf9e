"""The words of each language. A topic is one file in each of them, and holds the same names in all."""
