"""One page as a browser would read it: parsed strictly, asked in the words that a person uses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_BLOCKS = frozenset(
    "address article dd div dl dt fieldset footer form h1 h2 h3 header label legend li main ol p section ul".split()
)
_UNSEEN = frozenset(("script", "style", "title", "svg"))


class BrokenHtml(AssertionError):
    """The page is not well formed: a tag without its end, an attribute twice, an end without its tag."""


@dataclass(eq=False)
class Element:
    """An element with its attributes; `parent` is None at the top."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: "list[Element | str]" = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def has(self, name: str) -> bool:
        return name in self.attributes

    def has_class(self, name: str) -> bool:
        return name in self.get("class").split()

    def walk(self) -> "Iterator[Element]":
        """Return this element and everything below it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, *tags: str) -> "list[Element]":
        return [element for element in self.walk() if element.tag in tags]

    def above(self) -> "Iterator[Element]":
        """Return the elements around this one, the nearest first."""
        if self.parent is not None:
            yield self.parent
            yield from self.parent.above()

    @property
    def text(self) -> str:
        """The text that is seen, each block on a line of its own, white space as a browser shows it."""
        lines = (" ".join(line.split()) for line in "".join(self._pieces()).split("\v"))
        return "\n".join(line for line in lines if line)

    def _pieces(self) -> Iterator[str]:
        if self.tag in _UNSEEN or self.tag == "br" or self.has("hidden"):
            yield "\v" if self.tag == "br" else ""
            return
        edge = "\v" if self.tag in _BLOCKS else ""
        yield edge
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._pieces()  # noqa: SLF001 -- the same class
        yield edge


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#document", {})
        self._open = [self.root]
        self.doctypes: list[str] = []

    def handle_decl(self, decl: str) -> None:
        if self.root.children:
            raise BrokenHtml("the doctype does not come first")
        self.doctypes.append(decl)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID and not any(one.tag == "svg" for one in self._open):
            raise BrokenHtml(f"<{tag}/> closes itself only in SVG")
        self._add(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._open[-1].tag != tag:
            raise BrokenHtml(f"</{tag}> where </{self._open[-1].tag}> is due")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open[-1] is not self.root or data.strip():
            self._open[-1].children.append(data)

    def close(self) -> None:
        super().close()
        if len(self._open) > 1:
            raise BrokenHtml(f"<{self._open[-1].tag}> is never closed")

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            raise BrokenHtml(f"<{tag}> has an attribute twice: {names}")
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open[-1])
        self._open[-1].children.append(element)
        return element


class Page:
    """A parsed page. `path` is what stands in the address bar."""

    def __init__(self, html: str, *, status: int = 200, path: str = "") -> None:
        builder = _Builder()
        builder.feed(html)
        builder.close()
        self.html = html
        self.status = status
        self.path = path
        self.doctypes = builder.doctypes
        self.root = builder.root
        self.elements = list(builder.root.walk())

    def __repr__(self) -> str:
        return f"Page({self.status} {self.path}: {self.heading!r}, errors={self.errors})"

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def by_id(self, wanted: str) -> Element | None:
        return next((element for element in self.elements if element.get("id") == wanted), None)

    def classed(self, name: str) -> list[Element]:
        return [element for element in self.elements if element.has_class(name)]

    @property
    def title(self) -> str:
        return "".join(str(child) for title in self.all("title") for child in title.children).strip()

    @property
    def heading(self) -> str:
        return " / ".join(one.text for one in self.all("h1"))

    @property
    def text(self) -> str:
        return "\n".join(body.text for body in self.all("body"))

    @property
    def errors(self) -> list[str]:
        """The sentences of the error summary."""
        return [item.text for box in self.classed("errors") for item in box.all("li")]

    def errors_at(self, name: str) -> list[str]:
        """Return the sentences that stand at one field."""
        box = self.by_id(f"{name}-error")
        return [span.text for span in box.all("span")] if box else []

    @property
    def notes(self) -> list[str]:
        return [note.text for note in self.classed("note")]

    @property
    def reference(self) -> str:
        return next((one.text for one in self.classed("reference")), "")

    @property
    def wait(self) -> int:
        """Seconds that the button "Gửi lại" shows."""
        found = re.search(r"\((\d+)\)", self.button("Gửi lại").text)
        return int(found[1]) if found else 0

    def buttons(self) -> list[str]:
        return [button.text for button in self.all("button") if not button.has_class("toggle")]

    def button(self, label: str) -> Element:
        """Return the button whose name begins with `label`."""
        found = [one for one in self.all("button") if one.text == label or one.text.startswith(f"{label} (")]
        assert len(found) == 1, f"{len(found)} buttons “{label}” on {self!r}"
        return found[0]

    def link(self, label: str) -> str:
        """Return where the link named `label` leads."""
        found = {link.get("href") for link in self.all("a") if link.text == label}
        assert len(found) == 1, f"{len(found)} links “{label}” on {self!r}"
        return found.pop()

    def form_of(self, button: Element) -> Element:
        """Return the form that a button sends: the one that it names, or the one around it."""
        form = self.by_id(button.get("form")) if button.has("form") else None
        form = form or next((one for one in button.above() if one.tag == "form"), None)
        assert form is not None, f"“{button.text}” sends no form"
        return form

    def inputs_of(self, form: Element) -> list[Element]:
        inside = form.all("input", "select", "textarea")
        named = [
            one
            for one in self.all("input", "select", "textarea")
            if form.has("id") and one.get("form") == form.get("id")
        ]
        return [one for one in inside if not one.has("form")] + named

    def values_of(self, form: Element) -> dict[str, str]:
        """Return what the form would send as it stands."""
        return {
            one.get("name"): one.get("value")
            for one in self.inputs_of(form)
            if one.has("name") and (one.get("type") not in ("radio", "checkbox") or one.has("checked"))
        }
