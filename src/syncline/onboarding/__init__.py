"""An account's coming and going, put together from all the rooms that keep something for it."""
