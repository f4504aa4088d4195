"""`python -m recovery_site`: the same as the command `recovery-site`."""

from recovery_site.cli import main

if __name__ == "__main__":
    main()
