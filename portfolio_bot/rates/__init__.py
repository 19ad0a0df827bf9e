"""Exchange rates: who publishes them, whom to ask next when one cannot be asked, and how old one may be."""
