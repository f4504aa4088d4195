"""The outside world behind the ports: each file does one foreign thing and turns foreign errors into ours."""
