"""The rules of the site, pure: no clock, no chance, no framework, no input or output."""
