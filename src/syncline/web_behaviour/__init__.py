"""Web behaviour: which pages people looked at, and the visits that these make."""
