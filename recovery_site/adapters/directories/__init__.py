"""Directories: the systems that hold accounts and passwords."""
