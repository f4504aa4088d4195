"""SMS gateways: what carries a message to a carrier."""
