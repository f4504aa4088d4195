"""The use cases: each verb is one method that reads the ports, applies the rules and returns what happened."""
