"""The pages: read the form, call one verb, answer. They know the flows and no adapter."""
