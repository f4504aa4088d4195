"""The `Limits` port: the strategies of the `limits` library over counters in the database or in Redis (ADR 0006)."""
