"""Values to words: portfolios and closes become documents, documents become messages, text or JSON. Pure."""
