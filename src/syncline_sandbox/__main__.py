"""``python -m syncline_sandbox``."""

import sys

from syncline_sandbox.cli import main

sys.exit(main())
