"""The steps of Web behavior tracking."""
