"""Floor 5: one file per guest library, each fitting one port."""
