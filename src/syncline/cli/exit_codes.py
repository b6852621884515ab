"""What the command's exit code says. The table for users is in docs/reference/cli.md."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    """What was asked could not be done."""
    USAGE = 2
    """The command line, or something typed in, cannot be accepted."""
    ATTENTION = 3
    """Done, but something deserves a look: records refused, a warning found."""
    NOT_FOUND = 4
    """There is no such account, user, list or run."""
    LATER = 5
    """A vendor or the database is not to be reached for the moment; the same command may work later."""
    WAITING = 6
    """The run wrote nothing and waits for approval: its fuse tripped."""
    INTERRUPTED = 130
    """Ctrl-C."""
