"""One HTTP client for all that the site asks by HTTP: bounded in time and in size."""
