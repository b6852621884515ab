"""Email campaigns of an account: how much of each is synced, what is known of it, and how far that is."""
