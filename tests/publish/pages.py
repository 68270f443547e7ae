"""A page taken apart: its links, and every number in it with what it says it is."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img", "path", "circle", "use", "rect", "line"}
NUMBER = re.compile(r"\d")


@dataclass
class Node:
    tag: str
    told: dict
    parent: "Node | None" = None
    children: list = field(default_factory=list)

    @property
    def text(self):
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    def above(self):
        node = self
        while node:
            yield node
            node = node.parent

    def all(self):
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.all()


class Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("", {})

    def handle_starttag(self, tag, attrs):
        node = Node(tag, {k: v or "" for k, v in attrs}, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag, attrs):
        self.at.children.append(Node(tag, {k: v or "" for k, v in attrs}, self.at))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.at.tag == tag, f"<{self.at.tag}> is closed by </{tag}>"
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)


def read(text):
    """The root of a page, in which every tag that is opened is closed."""
    reader = Reader()
    reader.feed(text)
    assert reader.at is reader.root, f"<{reader.at.tag}> is never closed"
    return reader.root


def told(root):
    """Each element that carries an address, and the address."""
    for node in root.all():
        for name in ("data-cell", "data-change"):
            if name in node.told:
                yield node, name, node.told[name].split("|")


def loose(root, known):
    """Texts with a number in them that carry no address, after what is ``known`` is taken out:
    names, units, notes and the words of the templates."""
    for node in root.all():
        if any(n.tag in ("script", "style") for n in node.above()):
            continue
        if any(
            k in n.told for n in node.above() for k in ("data-cell", "data-change", "data-count")
        ):
            continue
        if any(
            "tick" in n.told.get("class", "") or "scalebar" in n.told.get("class", "")
            for n in node.above()
        ):
            continue  # the marks of an axis
        for child in node.children:
            if isinstance(child, str) and NUMBER.search(child):
                left = child
                for words in known:
                    left = left.replace(words, "")
                if NUMBER.search(left):
                    yield child.strip()


def links(root):
    """What a page leads to or loads."""
    for node in root.all():
        for name in ("href", "src"):
            if name in node.told and node.tag != "use":
                yield node.tag, node.told[name]
