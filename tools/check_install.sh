#!/bin/sh
# Wheel and sdist as they are released: built, checked, installed into an empty environment, and asked from there.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
python=${PYTHON:-"$here/.venv/bin/python"}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m build --outdir "$place/dist" "$here" >"$place/build.log" 2>&1 || { cat "$place/build.log"; exit 1; }
"$python" -m twine check --strict "$place"/dist/*
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$place"/dist/*.whl
test -f "$place/venv/share/man/man1/vaultindex-tasks.1"
mkdir "$place/home" "$place/work"
cd "$place/work"
run() { env -i HOME="$place/home" PATH="$place/venv/bin:/usr/bin:/bin" COLUMNS=90 LANG=C.UTF-8 "$@"; }
run vi --version
run vi demo >"$place/demo.txt"
grep -q "5 due" "$place/demo.txt"
test -z "$(ls -A "$place/home")"
cp -r "$here/fixtures/vault" "$place/home/Notes"
run vi init --yes --me Myself | grep -q "38 notes"
run vi tasks --due today --today 2025-10-07 | grep -q "Send the revised price sheet"
run vi done zsn --today 2025-10-07 | grep -q "undo: vi undo"
run vi undo >/dev/null
cmp "$here/fixtures/vault/Meetings/2025/2025-09-30 Pricing call.md" "$place/home/Notes/Meetings/2025/2025-09-30 Pricing call.md"
echo "installed, asked, changed and undone: $(ls "$place/dist" | tr '\n' ' ')"
