"""The images of the tests for prompts serve here too."""

from tests.interactive.conftest import ask, ball, picture  # noqa: F401 - fixtures
