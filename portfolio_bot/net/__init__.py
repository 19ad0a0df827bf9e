"""Going out: the one HTTP session and its guard, strict bodies, redaction."""
