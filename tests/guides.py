"""The worked examples of docs/how-to, followed to the letter.

In a guide, a line that begins with `$ ` is typed, and what stands below it is what is said then. A test
follows the guide from top to bottom, and does in between what the guide says that other people do.

In what is said, "…" stands for anything, and any number of seconds for any other. How lines are broken and
padded does not matter. Where nothing stands below a command, it only has to go well.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GUIDES: Final = Path(__file__).resolve().parents[1] / "docs" / "how-to"
BLOCK: Final = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANYTHING: Final = "…"
THROUGH: Final = "--the-command-is-through--"


@dataclass(frozen=True)
class Answer:
    """What a command said, and the code it ended with."""

    text: str
    code: int


Shell = Callable[[str], Answer]
"""Does what is typed."""


@dataclass(frozen=True)
class Command:
    typed: str
    said: str


def commands_of(page: str) -> list[Command]:
    """Every command of a page, in its order, with what the page says below it."""
    found = []
    for block in BLOCK.findall(page):
        before, *sessions = re.split(r"^\$ ", block, flags=re.MULTILINE)
        assert not sessions or not before.strip(), f"Something is said before it is asked for: {before}"
        found += [Command(typed, said) for typed, _, said in (one.partition("\n") for one in sessions)]
    return found


def tells(page: str, said: str) -> bool:
    """Whether a page tells what was said."""
    wanted = re.escape(_plain(page)).replace(ANYTHING, ".*?")
    wanted = re.sub(r"(?:\d+\\\.)?\d+\\ s\b", r"[0-9.]+\\ s", wanted)
    return re.fullmatch(wanted, _plain(said), re.DOTALL) is not None


def _plain(text: str) -> str:
    return " ".join(re.sub("─+", "─", text).split())


class Guide:
    """A page of docs/how-to, and how far it has been followed."""

    def __init__(self, name: str, shell: Shell) -> None:
        self._ahead = commands_of((GUIDES / name).read_text())
        self._shell = shell
        self._code = 0
        assert self._ahead, f"{name} has no example to follow."

    def follow(self, beginning: str) -> str:
        """Type the next command, which begins like this, and hold what it says against the page."""
        command = self._ahead.pop(0)
        assert command.typed.startswith(beginning), f"The guide goes on with: {command.typed}"
        if command.typed == "echo $?":
            answer = Answer(str(self._code), 0)
        else:
            assert self._code == 0, "The command before failed, and the guide does not say so."
            answer = self._shell(command.typed)
        self._code = answer.code
        assert not command.said.strip() or tells(command.said, answer.text), (
            f"$ {command.typed}\n\nThe guide says:\n{command.said}\nIt said:\n{answer.text}"
        )
        return answer.text

    def follow_until(self, beginning: str | None = None) -> None:
        """Type what stands before the next command that begins like this; None: all that is left."""
        while self._ahead and (beginning is None or not self._ahead[0].typed.startswith(beginning)):
            self.follow(self._ahead[0].typed)

    def ends(self) -> None:
        assert self._code == 0
        assert not self._ahead, f"Not followed: {[command.typed for command in self._ahead]}"


class Bash:
    """A terminal with everything that is typed there: variables, functions and pipes last from line to line.

    `instead`: words of the guide that are others here, such as the address of a server.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str], instead: Mapping[str, str]) -> None:
        self.folder = folder
        self._instead = instead
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env={**os.environ, **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, typed: str) -> Answer:
        assert self._process.stdin and self._process.stdout
        for word, other in self._instead.items():
            typed = typed.replace(word, other)
        self._process.stdin.write(f"{typed}\nprintf '\\n%s %s\\n' {THROUGH} $?\n")
        self._process.stdin.flush()
        lines: list[str] = []
        while not (line := self._process.stdout.readline()).startswith(THROUGH):
            assert line, "The terminal was shut."
            lines.append(line)
        return Answer("".join(lines), int(line.split()[1]))

    def close(self) -> None:
        self._process.communicate()
