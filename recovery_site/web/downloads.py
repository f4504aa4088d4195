"""Files that the site makes itself and that a browser keeps."""

from hashlib import sha256

from flask import request
from werkzeug.wrappers import Response as AnyResponse


def download(content: bytes, mimetype: str, name: str) -> AnyResponse:
    """Return `content` as a file called `name`, in ASCII; 304 where the browser has it already.

    It is the same for everybody and holds nobody's data: unlike a page it may be kept, and is asked for again.
    """
    response = AnyResponse(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(sha256(content).hexdigest()[:32])
    return response.make_conditional(request)
