"""Use-cases: what the product does, for every face alike. Transactions begin and end here."""
