"""Folders to files and their bytes: what is there, what is new, what is only out of sight."""
