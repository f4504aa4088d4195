"""Count the mutants of the last `mutmut run` by module, and fail where fewer than 95 % were killed."""

import json
import sys
from pathlib import Path

WANTED = 0.95
LIVED = (0, 5, 33, None)  # the tests passed; there were none; none reaches the function; it was not run


def main() -> int:
    total = killed = 0
    for meta in sorted(Path("mutants").rglob("*.meta")):
        results = list(json.loads(meta.read_text())["exit_code_by_key"].values())
        dead = sum(result not in LIVED for result in results)
        if results:
            module = meta.relative_to("mutants").with_suffix("")
            sys.stdout.write(f"{len(results):5} {dead:5} {dead / len(results):7.1%}  {module}\n")
        total, killed = total + len(results), killed + dead
    share = killed / total if total else 0.0
    sys.stdout.write(f"{total:5} {killed:5} {share:7.1%}  mutants, killed\n")
    if share < WANTED:
        sys.stderr.write(f"fewer than {WANTED:.0%} were killed\n")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
