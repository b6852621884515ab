"""Forms: how they, their questions and their responses are read and written."""
