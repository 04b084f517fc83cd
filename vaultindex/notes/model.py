"""A note and its parts, as plain tuples that every other module uses.

Lines are 1-based lines of the file (frontmatter counted), columns are 0-based characters of that line.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from vaultindex.base.errors import Problem


OWN_BLOCK = "%% vi person"  # how the first line of a block begins that we keep in a note


class Heading(NamedTuple):
    line: int
    level: int
    text: str


class Item(NamedTuple):
    """A list item as Obsidian's cache lists it (`listItems`)."""

    line: int
    col: int
    end: int  # last line of the item, children included
    status: str | None  # the character between [ and ], None for a plain item
    parent: int | None  # line of the parent item, None at the top of its list
    depth: int  # 0 at the top level of its list
    root: bool  # True when the list is not inside a quote or callout
    text: str  # the first line's text after marker (and checkbox), untrimmed at the right end
    top: int = 0  # first line of the list it stands in


class Link(NamedTuple):
    line: int
    col: int
    kind: str  # wikilink, markdown, or property
    embed: bool
    link: str  # target as typed, subpath included: 'Note#Heading'
    linkpath: str  # before the first '#'
    subpath: str  # from the first '#' on, '' when there is none
    display: str | None  # what a reader sees when it was given or (wikilinks) derived
    raw: str  # the whole construct as written


class Tag(NamedTuple):
    line: int
    col: int
    tag: str  # with the leading '#', as typed


class Block(NamedTuple):
    """A root-level block, in the order of the file (Obsidian's `sections`)."""

    kind: str
    line: int
    end: int


class Note(NamedTuple):
    """One note, parsed. Pure data: the same text and path give an equal Note."""

    path: str  # relative to the vault, '/' between folders, NFC
    text: str
    lines: list[str]  # the text split at LF, CRLF or CR; lines[0] is line 1
    properties: dict[str, Any]  # {} when there are none or they are invalid
    body: int  # first line after the frontmatter (1 when there is none)
    property_lines: dict[str, int]  # top-level key -> its line
    property_tags: list[str] | None  # with '#'; None when there is no tags property
    property_links: list[tuple[str, Link]]  # (dotted key, link)
    headings: list[Heading]
    items: list[Item]
    links: list[Link]  # body links, in order; embeds are apart
    embeds: list[Link]
    tags: list[Tag]  # body tags, in order, with repeats
    blocks: list[Block]
    block_ids: dict[str, int]  # id -> line
    problems: "list[Problem]"
