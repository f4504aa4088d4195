"""The site as it stands on its machine: behind the real nginx, with the configuration of `deploy/nginx`."""
