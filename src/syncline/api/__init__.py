"""The REST API: the verbs of the console and the command line, for programs that hold a token."""
