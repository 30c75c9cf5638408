#!/usr/bin/env bash
# How time and memory grow with the tree: copies of real trees side by side until a number of JS/TS files is reached.
# Prints files, megabytes, milliseconds and peak memory per size, and what a megabyte more costs between two sizes.
#
#   benches/growth.sh TREE…               # e.g. checkouts of large servers; 5,000, 10,000 and 50,000 files
#   SIZES="1000 2000" benches/growth.sh TREE…
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: benches/growth.sh TREE…" >&2; exit 2; }
here=$(cd "$(dirname "$0")/.." && pwd)
crosscast=${CROSSCAST:-$here/target/release/crosscast}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sources() { find "$1" -type f \( -name '*.[jt]s' -o -name '*.[jt]sx' -o -name '*.[cm][jt]s' \) "${@:2}"; }

printf '%8s %8s %10s %12s %12s\n' files MB ms 'peak KB' 'ms per MB'
copy=0 files=0 before_mb=0 before_ms=0
for size in ${SIZES:-5000 10000 50000}; do
  while [ "$files" -lt "$size" ]; do
    for tree in "$@"; do
      [ "$files" -lt "$size" ] || break
      copy=$((copy + 1))
      # Each copy is a project of its own, as in a folder of checkouts.
      cp -r "$tree" "$work/project$copy"
      files=$((files + $(sources "$work/project$copy" | wc -l)))
    done
  done
  mb=$(sources "$work" -printf '%s\n' | awk '{ sum += $1 } END { printf "%.1f", sum / 1048576 }')
  best=0
  for _ in 1 2 3; do
    start=$(date +%s%N)
    "$crosscast" --format json --fail-on never "$work" > /dev/null 2>&1 || true
    spent=$((($(date +%s%N) - start) / 1000000))
    [ "$best" -ne 0 ] && [ "$best" -le "$spent" ] || best=$spent
  done
  peak=$( { /usr/bin/time -f %M "$crosscast" --format json --fail-on never "$work" > /dev/null; } 2>&1 | tail -1)
  slope=$(awk -v a="$before_mb" -v b="$mb" -v s="$before_ms" -v t="$best" \
    'BEGIN { printf "%.2f", b > a ? (t - s) / (b - a) : 0 }')
  printf '%8s %8s %10s %12s %12s\n' "$files" "$mb" "$best" "$peak" "$slope"
  before_mb=$mb before_ms=$best
done
