"""Contact scoring: how scores are read, decided about and written."""
