"""The lines of a note as entries are made of them: list items with what is nested below, items with their further lines, paragraphs."""

from vaultindex.notes.model import Item, Note


def items_in(note: Note, first: int, last: int) -> list[Item]:
    """The list items of these lines that stand in no other item of these lines."""
    return [i for i in note.items if first <= i.line <= last and (i.parent is None or i.parent < first)]


def children(note: Note, item: Item) -> list[Item]:
    """The items right below an item."""
    return [i for i in note.items if i.parent == item.line]


def whole_text(note: Note, item: Item, starts: frozenset[int]) -> str:
    """The text of an item: its first line and the lines that go on with it, up to a blank line or the next item."""
    parts = [item.text.strip()]
    for number in range(item.line + 1, min(item.end, len(note.lines)) + 1):
        more = note.lines[number - 1].strip()
        if not more or number in starts or more.startswith(("```", "~~~", ">", "|")):
            break
        if more[-1] in ":：" and len(more) < 40:
            break  # a label, whose lines only seem to go on with the list
        parts.append(more)
    return " ".join(parts)


def paragraphs(note: Note, first: int, last: int) -> list[tuple[int, str]]:
    """(line, text) of the paragraphs in these lines, each as one text."""
    found = []
    for block in note.blocks:
        if block.end < first or block.line > last:
            continue
        if block.kind == "paragraph":
            some = note.lines[max(block.line, first) - 1 : min(block.end, last)]
            text = " ".join(line.strip() for line in some)
            if text.strip():
                found.append((max(block.line, first), text.strip()))
        elif block.kind in ("callout", "blockquote"):
            starts = {i.line for i in note.items}
            for number in range(max(block.line, first), min(block.end, last) + 1):
                text = note.lines[number - 1].strip().lstrip("> \t").strip()
                if text and number not in starts and not text.startswith("[!"):
                    found.append((number, text))
    return found
