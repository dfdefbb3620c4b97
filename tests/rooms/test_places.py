"""Our own configuration files are found, or the remedy is told."""

from pathlib import Path

import pytest

from assistant.app import places
from assistant.app.places import config_file
from assistant.errors import SettingsError


def test_the_checkout_has_its_configuration_files() -> None:
    for name in ("assistant.toml", "demo.toml"):
        assert config_file(name).is_file()


def test_an_installation_is_looked_at_behind_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout, installed = tmp_path / "checkout", tmp_path / "share"
    monkeypatch.setattr(places, "CHECKOUT", checkout)
    monkeypatch.setattr(places, "INSTALLED", installed)
    installed.mkdir()
    (installed / "demo.toml").write_text("")
    assert config_file("demo.toml") == installed / "demo.toml"
    (checkout / "config").mkdir(parents=True)
    (checkout / "config" / "demo.toml").write_text("")
    assert config_file("demo.toml") == checkout / "config" / "demo.toml"


def test_a_file_that_is_nowhere_is_named_with_the_remedy() -> None:
    with pytest.raises(SettingsError, match=r"nothing\.toml.*install the package again"):
        config_file("nothing.toml")
