"""Bytes to lines: text is decoded, pages are read, wrapped lines joined."""
