"""What must be there before anything is called finished."""

import pytest

from tests.plan.source_code import ROOT, package_sources, sources_of_tests

TESTS_PER_CODE = 1.0

REQUIRED = (
    ".ci/run",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "THIRD_PARTY.md",
    "assistant/py.typed",
    "docs/architecture.md",
    "docs/glossary.md",
    "docs/ownership.md",
    "docs/decisions",
    "pyproject.toml",
    "requirements-dev.lock",
    "requirements-pi.lock",
    "requirements.lock",
    "scripts/bench",
    "scripts/check",
    "scripts/demo",
    "scripts/lock",
    "scripts/test",
    "systemd/assistant.service",
)


@pytest.mark.parametrize("name", REQUIRED)
def test_the_repository_has(name: str) -> None:
    assert (ROOT / name).exists()


def test_there_is_at_least_as_much_test_as_code() -> None:
    tests = sum(len(source.code) for source in sources_of_tests())
    code = sum(len(source.code) for source in package_sources())
    assert tests >= TESTS_PER_CODE * code
