#!/bin/sh
# The daily questions, asked of the small vault that comes with the project, as of Tuesday 7 October 2025.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
index=$(mktemp -d)
trap 'rm -rf "$index"' EXIT
export VAULTINDEX_VAULT="$here/fixtures/vault" VAULTINDEX_INDEX="$index/index.db" VAULTINDEX_TODAY=2025-10-07
ask() {
    printf '\n$ vi'
    for word in "$@"; do
        case $word in *[!A-Za-z0-9_./=+-]*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac
    done
    printf '\n'
    "${VI:-vi}" --format table "$@"
}
ask index
ask tasks --due today
ask tasks --proposed
ask decisions --account contoso --since 2025-Q3
ask backlinks 'Sam Okoro'
ask notes --account northwind
ask search 'pricing tiers'
ask status
