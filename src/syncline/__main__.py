"""`python -m syncline` is `syncline`."""

from syncline.cli import app

app(prog_name="syncline")
