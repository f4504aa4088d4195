"""The form as DOCX: the parts of an Office Open XML package (ECMA-376) by templates, zipped."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recovery_site.web.printed.application import ApplicationForm

MIMETYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_FOLDER = Path(__file__).with_name("docx_parts")
_PARTS = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "relationships.xml",
    "docProps/core.xml": "core.xml",
    "word/document.xml": "document.xml",
    "word/styles.xml": "styles.xml",
    "word/_rels/document.xml.rels": "document_relationships.xml",
}
"""Each part by its name in the package, the first of which readers look for first."""

_templates = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@lru_cache(maxsize=1)
def application_docx(form: ApplicationForm) -> bytes:
    """Return the form to be filled in with a word processor: the same bytes for the same form."""
    packed = BytesIO()
    with ZipFile(packed, "w") as package:
        for name, template in _PARTS.items():
            part = ZipInfo(name)  # its time is 1980-01-01
            part.compress_type = ZIP_DEFLATED
            package.writestr(part, _templates.get_template(template).render(form=form))
    return packed.getvalue()
