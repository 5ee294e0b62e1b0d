"""Builds the MIME tree of a mail, as offsets into its bytes (RFC 2045, RFC 2046).

Only headers are copied, so that a tree costs as much for a mail of 25 MB as for a small one. Errors of mailers are
repaired: boundaries that are missing, never closed, closed too early or a prefix of another, invalid types. Each level
passes over its bytes once; at most PARTS_LIMIT parts and DEPTH_LIMIT levels. Never fails; oddities are listed in
`defects`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailgate.parsers.mime.headers import HeaderBlock, split_headers
from mailgate.parsers.mime.parameters import Value, read_value

PARTS_LIMIT = 1_000
DEPTH_LIMIT = 50
HEADERS_LIMIT = 200  # headers of one part
HEADER_BYTES = 8 * 1024  # of one header of a part
NEAR_LIMIT = 1_000  # lines that only begin like a boundary, before a pattern is built that passes over them

# The rest of a line after the boundary
_EDGE_END = re.compile(rb"(--)?[ \t]*+(?=[\r\n]|\Z)")
# A line like a boundary with a header below it, for mails that do not say theirs
_LOST = re.compile(rb"(?:\n|\A)--([^\r\n]{1,200}?)[ \t]*+\r?\n(?=content-[a-z-]{2,40}:)", re.IGNORECASE)
_TYPE = re.compile(r"[a-z0-9!#$&.+^_-]{1,127}/[a-z0-9!#$&.+^_-]{1,127}")
_NAMED = {
    "html": "text/html",
    "text/htm": "text/html",
    "text/x-html": "text/html",
    "pdf": "application/pdf",
    "multipart": "multipart/mixed",
    "application": "application/octet-stream",
}


@dataclass(slots=True)
class Node:
    """A part: its headers, and its content at `start` to `end` of `source`.

    The `children` of a multipart are in order; `preamble` is where they begin.
    """

    source: bytes = field(repr=False)
    block: HeaderBlock
    mime_type: str
    content_type: Value
    start: int
    end: int
    children: list[Node] = field(default_factory=list)
    preamble: int = 0

    @property
    def is_multipart(self) -> bool:
        """True if the part is a multipart."""
        return self.mime_type.startswith("multipart/")


@dataclass(slots=True)
class Tree:
    """The parts of a mail from `root` on; `defects` in words; `count` is the number of leaves."""

    root: Node
    defects: list[str] = field(default_factory=list)
    count: int = 0

    def note(self, defect: str) -> None:
        """Adds a defect, once."""
        if defect not in self.defects:
            self.defects.append(defect)

    def walk(self) -> Iterator[Node]:
        """All parts, parents first."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


def build_tree(source: bytes, block: HeaderBlock | None = None) -> Tree:
    """Builds the tree of a mail or an entity. `block` is its header block if it was split before."""
    block = block or split_headers(source)
    tree = Tree(_as_node(source, block, len(source), "text/plain"))
    _split(tree.root, tree, 1)
    return tree


def read_type(value: str, default: str = "text/plain") -> str:
    """The type that a Content-Type names; an invalid one is text (RFC 2045 section 5.2)."""
    if value in _NAMED:
        return _NAMED[value]
    found = _TYPE.fullmatch(value) or _TYPE.match(value)
    return found[0] if found else default if not value else "text/plain"


def _as_node(source: bytes, block: HeaderBlock, end: int, default: str) -> Node:
    content_type = read_value(block.first("content-type"))
    mime_type = read_type(content_type.main, default)
    return Node(source, block, mime_type, content_type, min(block.body_at, end), end)


def _split(node: Node, tree: Tree, depth: int) -> None:
    """Builds the children of a multipart, and theirs."""
    if not node.is_multipart:
        tree.count += 1
        return
    edges = _find_edges(node, tree)
    if not edges:
        node.mime_type = "text/plain"
        tree.count += 1
        return
    if depth > DEPTH_LIMIT:
        tree.note(f"more than {DEPTH_LIMIT} levels of parts: the rest is kept as a file")
        node.mime_type = "application/octet-stream"
        tree.count += 1
        return
    node.preamble = edges[0][0]
    default = "message/rfc822" if node.mime_type == "multipart/digest" else "text/plain"
    for at, (_, start, closing) in enumerate(edges):
        end = _before(node, edges[at + 1][0]) if at + 1 < len(edges) else node.end
        if closing or end <= start:
            continue
        if tree.count >= PARTS_LIMIT:
            tree.note(f"more than {PARTS_LIMIT} parts: the rest is left out")
            return
        child = _as_node(node.source, split_headers(node.source, start, end, HEADERS_LIMIT), end, default)
        node.children.append(child)
        _split(child, tree, depth + 1)


def _before(node: Node, edge: int) -> int:
    """The end of the content above a boundary, without the line end that belongs to the boundary."""
    return edge - 1 if node.source[edge - 1 : edge] == b"\r" else edge


def _find_edges(node: Node, tree: Tree) -> list[tuple[int, int, bool]]:
    """Finds the boundary lines of a multipart: begin, end, and whether each closes."""
    boundary = node.content_type.get("boundary").encode("utf-8")
    edges = _edges_of(node, boundary) if boundary else []
    if all(closing for _, _, closing in edges):
        lost = _LOST.search(node.source, max(0, node.start - 1), node.end)
        tree.note(f"{node.mime_type}: its boundary is {'not found' if boundary else 'missing'}")
        edges = _edges_of(node, lost[1]) if lost else edges
    if edges and not any(closing for _, _, closing in edges):
        tree.note(f"{node.mime_type}: no closing boundary")
    elif any(closing for _, _, closing in edges[:-1]):
        tree.note(f"{node.mime_type}: parts below the closing boundary")
    return edges


def _edges_of(node: Node, boundary: bytes) -> list[tuple[int, int, bool]]:
    source, needle = node.source, b"\n--" + boundary
    edges: list[tuple[int, int, bool]] = []
    at = source.find(needle, max(0, node.start - 1), node.end)
    if not node.start and source.startswith(needle[1:]):
        at = -1
    elif at < 0:
        return []
    near = 0
    while len(edges) <= 2 * PARTS_LIMIT:
        rest = _EDGE_END.match(source, at + len(needle), node.end)
        if rest:
            below = source.find(b"\n", rest.end(), node.end)
            edges.append((max(at, 0), node.end if below < 0 else below + 1, rest[1] is not None))
        else:
            near += 1
        at = _next_edge(node, needle, at + len(needle), exactly=near > NEAR_LIMIT)
        if at < 0:
            break
    return edges


def _next_edge(node: Node, needle: bytes, at: int, *, exactly: bool) -> int:
    if not exactly:
        return node.source.find(needle, at, node.end)
    found = re.compile(re.escape(needle) + _EDGE_END.pattern).search(node.source, at, node.end)
    return found.start() if found else -1
