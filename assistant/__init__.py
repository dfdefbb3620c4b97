"""The home voice assistant: every room below is described in docs/architecture.md."""
