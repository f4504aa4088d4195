"""Hooks: other systems that learn of a change."""
