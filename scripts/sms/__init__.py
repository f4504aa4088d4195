"""What the outbox achieves, measured with real processes: a carrier, the site, its dispatchers."""
