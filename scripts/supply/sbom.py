"""Write the parts list of the site as CycloneDX 1.6 JSON. Of cyclonedx-python-lib, not of cyclonedx-bom: that one reads
the lock file alone, and knows neither htmx nor the fonts.

    python -m scripts.supply.sbom build/sbom.json
"""

import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import click
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement

from recovery_site import __version__
from scripts.supply.parts import KEPT, ROOT, Kept, Package, canonical, locked

_LOCKED_FOR = {"python_version": "3.11", "python_full_version": "3.11.0"}
"""The oldest Python that the lock files are for, as `make lock` names it: it needs a package more than later ones."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def main(file: Path) -> None:
    """Write FILE; the packages have to be installed, for what needs what stands in them alone."""
    text = written(bill())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    click.echo(f"{file}: {len(locked())} packages, {len(KEPT)} kept works.")


def bill() -> Bom:
    """Return the parts list: the site, what it asks for, and what that brings along."""
    site = Component(name="recovery-site", version=__version__, type=ComponentType.APPLICATION, bom_ref="recovery-site")
    packages = {one.name: _package(one) for one in locked()}
    kept = [_kept(one) for one in KEPT]
    bom = Bom(components=[*packages.values(), *kept])
    bom.metadata.component = site
    bom.register_dependency(site, [*(packages[name] for name in direct()), *kept])
    for name, component in packages.items():
        bom.register_dependency(component, [packages[one] for one in _needs(name) if one in packages])
    return bom


def written(bom: Bom) -> str:
    """Return a parts list as text. Raises `ValueError` where the CycloneDX schema does not take it."""
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise ValueError(str(fault))
    return text + "\n"


def direct() -> list[str]:
    """Return the packages that `pyproject.toml` names."""
    return _names(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"])


def _needs(name: str, extra: str = "") -> list[str]:
    """Return what an installed package, or one of its extras, asks for."""
    try:
        return _names(distribution(name).requires or (), extra)
    except PackageNotFoundError:
        sys.exit(f"{name} is not installed: pip install --require-hashes -r requirements.txt")


def _names(requirements: Iterable[str], extra: str = "") -> list[str]:
    read = [Requirement(one) for one in requirements]
    asked = [one for one in read if _is_asked(one, extra)]
    of_extras = [name for one in asked for wanted in one.extras for name in _needs(one.name, wanted)]
    return sorted({canonical(one.name) for one in asked} | set(of_extras))


def _is_asked(requirement: Requirement, extra: str) -> bool:
    """Return whether the lock file has a requirement: with an extra, only what the extra adds."""
    marker = requirement.marker
    always = marker is None or marker.evaluate(_LOCKED_FOR | {"extra": ""})
    return not always and bool(marker and marker.evaluate(_LOCKED_FOR | {"extra": extra})) if extra else always


def _package(package: Package) -> Component:
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"pypi:{package.name}",
        purl=PackageURL("pypi", None, package.name, package.version),
        hashes=[_hash(one) for one in package.hashes],
    )


def _kept(kept: Kept) -> Component:
    files = [
        Component(name=path, type=ComponentType.FILE, bom_ref=path, hashes=[_hash(digest)])
        for path, digest in kept.files
    ]
    return Component(
        name=kept.name,
        version=kept.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{kept.ecosystem}:{kept.name}",
        purl=PackageURL(kept.ecosystem, None, kept.name, kept.version),
        licenses=[DisjunctiveLicense(id=kept.licence)],
        components=files,
    )


def _hash(sha256: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=sha256)


if __name__ == "__main__":
    main()
