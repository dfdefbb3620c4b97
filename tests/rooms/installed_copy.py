"""Copies of installed packages, altered in one file, which nobody may import."""

from importlib.util import find_spec
from pathlib import Path

from assistant.local.models import ModelFile


def installed_folder(module: str) -> Path:
    """Where a package lies, found without importing it."""
    found = find_spec(module)
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0])


def copy_of_package(module: str, folder: Path, *, altered: str) -> None:
    """Put a package of this name into a folder: the real files by link, one of them changed."""
    source = installed_folder(module) / altered
    target = folder / module / altered
    target.parent.mkdir(parents=True)
    (folder / module / "__init__.py").write_text("raise AssertionError('never import this')\n")
    for file in source.parent.iterdir():
        if file.is_file() and file != source:
            (target.parent / file.name).symlink_to(file)
    content = bytearray(source.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(bytes(content))


def same_files(files: tuple[ModelFile, ...], folder: Path) -> None:
    """Link the proven files of a model into one folder."""
    for file in files:
        source = installed_folder(file.module) / file.path
        (folder / source.name).symlink_to(source)
