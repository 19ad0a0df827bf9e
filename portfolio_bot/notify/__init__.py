"""Where messages leave: one sink per kind of destination. A sink sends once and says what became of it."""
