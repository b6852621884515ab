"""Changing rows: what a payload says, whether it may be, and what else changes with it."""
