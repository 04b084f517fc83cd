"""Write `collation.dat`, `collation-ascii.dat` and `ideographs.dat`, the tables behind `vaultindex.base.icu_order`.

    python tools/make_collation.py ALLKEYS

For developers, when a new Unicode version matters; needs Node with full ICU. ALLKEYS is the Unicode Consortium's table of
collation elements, allkeys.txt (Perl ships one: Unicode/Collate/allkeys.txt). It tells how many elements a character
has, and their second and third weights. The order itself, CLDR's root order, comes from Node's `Intl.Collator`: all
characters are sorted with it, and those that it holds for equal at the first level share a weight. So characters newer
than ALLKEYS are ordered too.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zlib
from pathlib import Path

OUT = Path(__file__).parent.parent / "vaultindex" / "base" / "icu_order_tables" / "collation.dat"
OUT_ASCII = OUT.with_name("collation-ascii.dat")
OUT_IDEOGRAPHS = OUT.with_name("ideographs.dat")
FIRST = 0x0100  # the smallest first-level weight; below stand the separators of a key

NODE = r"""
const known = new Set(JSON.parse(require('fs').readFileSync(0, 'utf8')));
const full = new Intl.Collator('en-US'), base = new Intl.Collator('en-US', {sensitivity: 'base'});
const accent = new Intl.Collator('en-US', {sensitivity: 'accent'});
const all = [];
for (let c = 0; c < 0x110000; c++) {
  if (c >= 0xd800 && c < 0xe000 || c >= 0xac00 && c < 0xd7a4) continue;
  const s = String.fromCodePoint(c);
  if (/\p{Cn}|\p{Co}|\p{Unified_Ideograph}/u.test(s) || s.normalize('NFD') !== s) continue;
  all.push(s);
}
const kind = s => base.compare(s, '') ? 'letter'
  : accent.compare(s, '') ? 'accent' : full.compare(s, '') ? 'case' : 'none';
all.sort((x, y) => full.compare(x, y) || (x < y ? -1 : 1));
const groups = [];
for (const s of all) {
  const k = kind(s), last = groups[groups.length - 1];
  // [kind, members, for each member: does it differ from the first by its accent?]
  if (k === 'letter' && last && last[0] === k && base.compare(last[1][0], s) === 0) {
    last[1].push(s); last[2].push(accent.compare(last[1][0], s) !== 0);
  } else groups.push([k, [s], [false]]);
}
process.stdout.write(JSON.stringify(groups));
"""

NODE_IDEOGRAPHS = r"""
const full = new Intl.Collator('en-US'), all = [];
for (let c = 0x3400; c < 0x40000; c++) {
  const s = String.fromCodePoint(c);
  if (/\p{Unified_Ideograph}/u.test(s) && s.normalize('NFD') === s) all.push(s);
}
process.stdout.write(all.sort(full.compare).join(''));
"""

Element = tuple[int, int, int]


def read_allkeys(path: Path) -> dict[str, list[Element]]:
    keys = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.match(r"([0-9A-F ]+?)\s*;\s*((?:\[[^\]]*\])+)", line)
        if match:
            text = "".join(chr(int(code, 16)) for code in match[1].split())
            found = re.findall(r"\[[.*]([0-9A-F]+)\.([0-9A-F]+)\.([0-9A-F]+)", match[2])
            keys[text] = [(int(p, 16), int(s, 16), int(t, 16)) for p, s, t in found]
    return keys


def main(allkeys: Path) -> None:
    keys = read_allkeys(allkeys)
    answer = subprocess.run(
        ["node", "-e", NODE], input=json.dumps(list(keys)), capture_output=True, text=True, check=True
    )
    groups = json.loads(answer.stdout)
    singles = {k: v[0] for k, v in keys.items() if len(k) == 1 and len(v) == 1}

    weight = FIRST
    weight_of: dict[int, int] = {}  # allkeys' first weight -> ours
    leaders: list[tuple[str, int]] = []
    numeric = 0
    news: list[tuple[str, list[Element]]] = []
    copies: list[tuple[str, list[Element]]] = []
    for kind, members, accented in groups:
        if kind != "letter":
            news += [
                (s, [(0, 0x200 if kind == "accent" else 0, 2)] if kind != "none" else [])
                for s in members
                if s not in keys
            ]
            continue
        if "0" in members:
            numeric, weight = weight, weight + 1  # numbers by value come just before the digits
        olds = [s for s in members if s in singles and singles[s][0]]
        fresh = [s for s in members if s not in keys]
        if not olds:
            # All of these stand for several letters ('æ'); a newcomer among them is taken for one more form of those.
            like = next((keys[s] for s in members if s in keys), None)
            copies += [(s, like) for s in fresh if like]
            if like or not fresh:
                continue
        leader = min(olds, key=lambda s: singles[s][1:]) if olds else members[0]
        leaders.append((leader, weight))
        for s in olds:
            weight_of[singles[s][0]] = weight
        for s in fresh:
            if s != leader:
                differs = accented[members.index(s)] != accented[members.index(leader)]
                news.append((s, [(weight, 0x21 if differs else 0x20, 0x14)]))
        # What allkeys holds for different but the order does not (curly quotes) differs in its accent.
        for i, s in enumerate(sorted((s for s in olds if singles[s][0] != singles[leader][0]), key=members.index)):
            news.append((s, [(weight, 0x21 + i, 2)]))
        weight += 1

    keys |= {s: [(p, a, 0x14) for p, a, _ in ces] for s, ces in copies}
    tailored = {s for s, _ in news}
    entries = {s: list(ces) for s, ces in news}
    leading = dict(leaders)
    for text, elements in keys.items():
        if text in tailored or text in leading or (len(text) == 1 and not_needed(text)):
            continue
        ours: list[Element] = []
        skip = 0
        for i, (p, s, t) in enumerate(elements):
            if skip:
                skip -= 1
            elif p >= 0xFB00 and i + 1 < len(elements):
                # An implicit weight in two halves: an ideograph, kept as minus its code point.
                code = (((p & 0x3F) if p >= 0xFB40 else 0) << 15) | (elements[i + 1][0] & 0x7FFF)
                ours.append((-code, s, t))
                skip = 1
            elif p and p not in weight_of:
                break
            else:
                ours.append((weight_of[p] if p else 0, s, t))
        else:
            entries[text] = [ce for ce in ours if ce != (0, 0, 0)]

    seconds = {
        s: i for i, s in enumerate(sorted({s for ces in entries.values() for _, s, _ in ces if s} | {0x20}), start=1)
    }
    runs: list[int] = []
    for text, w in leaders:
        code = ord(text)
        if runs and code == runs[-3] + runs[-1] and w == runs[-2] + runs[-1]:
            runs[-1] += 1
        else:
            runs += [code, w, 1]
    pages: dict[str, list[str]] = {}
    contractions = []
    for text in sorted(entries):
        ces = ";".join(element(p, seconds.get(s, 0), t) for p, s, t in entries[text])
        if len(text) == 1:
            pages.setdefault(f"{ord(text) >> 8:x}", []).append(f"{ord(text) & 255:x} {ces}")
        else:
            contractions.append(f"{text} {ces}")
    data = {
        "numeric": numeric,
        "runs": runs,
        "pages": {k: "\n".join(v) for k, v in pages.items()},
        "contractions": contractions,
    }
    size = write(OUT, data)
    print(f"{len(leaders)} first-level weights, {len(entries)} other entries, {len(seconds)} accents: {size} bytes")

    from vaultindex.base.icu_order import _Table

    OUT_ASCII.write_bytes(_Table().ascii())

    answer = subprocess.run(["node", "-e", NODE_IDEOGRAPHS], capture_output=True, text=True, check=True)
    blocks: list[list[int]] = []  # of consecutive ideographs: how far from the last block, how many
    previous = 0
    for code in map(ord, answer.stdout):
        if blocks and code == previous + 1:
            blocks[-1][1] += 1
        else:
            blocks.append([code - previous, 1])
        previous = code
    size = write(OUT_IDEOGRAPHS, [n for block in blocks for n in block])
    print(f"{len(answer.stdout)} ideographs in {len(blocks)} runs: {size} bytes")


def write(path: Path, data: object) -> int:
    packed = zlib.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    path.write_bytes(packed)
    return len(packed)


def element(p: int, s: int, t: int) -> str:
    """Weights in hexadecimal; the ordinary second (1) and third (2) are left out."""
    return f"{p:x}" if (s, t) == (1, 2) else f"{p:x},{s:x},{t:x}"


def not_needed(char: str) -> bool:
    import unicodedata

    return unicodedata.normalize("NFD", char) != char


if __name__ == "__main__":
    main(Path(sys.argv[1]))
