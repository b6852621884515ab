"""How the examples of a guide are read and compared."""

import pytest

from tests.guides import Command, commands_of, tells

PAGE = """
Before.

```
$ syncline sync Contoso labels
✓ Data field labels: Completed in 0.3 s: 16 created.
$ echo $?
0
```

```
syncline is shown here, but not typed
```
"""


def test_commands_come_with_what_is_said_below_them() -> None:
    assert commands_of(PAGE) == [
        Command("syncline sync Contoso labels", "✓ Data field labels: Completed in 0.3 s: 16 created.\n"),
        Command("echo $?", "0\n"),
    ]


@pytest.mark.parametrize(
    ("page", "said", "same"),
    [
        ("Completed in 0.3 s: 16 created.", "Completed in 12 s: 16 created.", True),
        ("Completed in 0.3 s: 16 created.", "Completed in 0.3 s: 17 created.", False),
        ("a long\n   line", "a long line\n", True),
        ("────\n a", "────────\n a   \n", True),
        ("one\n…\nlast", "one\ntwo\nthree\nlast", True),
        ("one\n…", "two", False),
        ("one", "one and two", False),
        ("(a.b)", "(a+b)", False),
    ],
)
def test_what_counts_as_the_same(page: str, said: str, same: bool) -> None:
    assert tells(page, said) is same
