"""A backup's file: a compressed tar archive with a manifest and one copy of the database."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import Stop

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup is of."""

    format: int
    version: str
    """Of Syncline."""
    made_at: str
    """ISO 8601, UTC."""
    vendor: str
    """`sqlite` or `postgresql`."""
    migrations: list[str]
    """Those that had been applied, as `room.name`."""


def write(path: Path, manifest: Manifest, copy: Path) -> None:
    """The archive, which only its owner can read. It takes its name when it is whole, and no other's."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as tar:
            note = copy.with_name(MANIFEST)
            note.write_text(json.dumps(asdict(manifest), indent=2) + "\n")
            tar.add(note, arcname=MANIFEST)
            tar.add(copy, arcname=DATABASE)
        os.link(draft, path)
    except FileExistsError:
        raise Stop(f"{path} is there already.", "Choose another name.", ExitCode.USAGE) from None
    except OSError as error:
        raise Stop(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def opened(path: Path) -> Iterator[tuple[Manifest, tarfile.TarFile]]:
    """What the archive says of itself, and the archive. Raises Stop for what is no backup of ours."""
    try:
        with tarfile.open(path, mode="r:gz") as tar:
            yield _manifest(path, tar), tar
    except FileNotFoundError:
        raise Stop(f"There is no file {path}.", "Name the backup.", ExitCode.NOT_FOUND) from None
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Stop(
            f"{path} cannot be read as a backup: {error}.", "It may have been cut off on its way here."
        ) from error


def unpack(tar: tarfile.TarFile, to: Path) -> None:
    """The copy of the database. Nothing else is taken out, whatever the archive holds."""
    source = tar.extractfile(DATABASE)
    if source is None:
        raise Stop("The backup holds no copy of a database.")
    with source, to.open("wb") as target:
        shutil.copyfileobj(source, target)


def _manifest(path: Path, tar: tarfile.TarFile) -> Manifest:
    try:
        file = tar.extractfile(MANIFEST)
        facts = json.load(file) if file else {}
        if facts.get("format") == FORMAT:
            return Manifest(**facts)
    except (KeyError, ValueError, TypeError, AttributeError):
        facts = {}
    told = f"is of format {facts['format']}" if "format" in facts else "is no backup of Syncline"
    raise Stop(
        f"{path} {told}.", "Restore with the version of Syncline that made it.", ExitCode.USAGE
    ) from None
