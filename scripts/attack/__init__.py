"""Hostile requests against a site of one's own on 127.0.0.1, and what must still hold afterwards."""
