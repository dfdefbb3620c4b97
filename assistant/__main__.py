"""The door of the house: `assistant` and `python -m assistant`."""

import os
import sys

# Before the first import of onnxruntime, whose newer wheels send telemetry by default.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def main() -> int:
    """Run one command; the exit code is its result."""
    from assistant.app.cli import run_command  # noqa: PLC0415 - after the line above

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
