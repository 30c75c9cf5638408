#!/usr/bin/env bash
# Whole processes side by side on the same tree: crosscast against ripgrep, oxlint and ast-grep, interleaved so that a
# busy machine slows all of them alike. Prints the best time of each in milliseconds and its ratio to ripgrep's.
#
#   benches/peers.sh TREE [RUNS]          # RUNS: 15 unless given
#
# The peers, where they are missing: `cargo install ripgrep`, `npm install -g oxlint @ast-grep/cli`; a peer that is not
# installed is left out.
set -euo pipefail

tree=${1:?"usage: benches/peers.sh TREE [RUNS]"}
runs=${2:-15}
here=$(cd "$(dirname "$0")/.." && pwd)
crosscast=${CROSSCAST:-$here/target/release/crosscast}
[ -x "$crosscast" ] || { echo "build it first: cargo build --release" >&2; exit 2; }

# ast-grep gets three patterns of what an audit by hand would search for.
rules=$(mktemp -d)
trap 'rm -rf "$rules"' EXIT
mkdir "$rules/rules"
printf 'ruleDirs: [rules]\n' > "$rules/sgconfig.yml"
number=0
for pattern in '$A.emit($$$B)' 'new Server($$$A)' '$A.adapter($$$B)'; do
  for language in JavaScript TypeScript; do
    number=$((number + 1))
    printf 'id: pattern-%s\nlanguage: %s\nrule:\n  pattern: %s\n' "$number" "$language" "$pattern" \
      > "$rules/rules/$number.yml"
  done
done

names=(ripgrep crosscast oxlint ast-grep)
run() {
  case $1 in
    ripgrep) rg --count-matches '\.emit\(' -g '*.{js,jsx,mjs,cjs,ts,tsx,mts,cts}' "$tree" ;;
    crosscast) "$crosscast" --format json --fail-on never "$tree" ;;
    oxlint) oxlint --silent "$tree" ;;
    ast-grep) ast-grep scan --config "$rules/sgconfig.yml" --report-style short "$tree" ;;
  esac
}
installed() {
  case $1 in
    ripgrep) command -v rg ;;
    crosscast) true ;;
    *) command -v "$1" ;;
  esac
}

declare -A best
for _ in $(seq "$runs"); do
  for name in "${names[@]}"; do
    installed "$name" > /dev/null || continue
    start=$(date +%s%N)
    run "$name" > /dev/null 2>&1 || true
    spent=$((($(date +%s%N) - start) / 1000))
    [ "${best[$name]:-0}" -ne 0 ] && [ "${best[$name]}" -le "$spent" ] || best[$name]=$spent
  done
done

peak=$( { /usr/bin/time -f %M "$crosscast" --format json --fail-on never "$tree" > /dev/null; } 2>&1 || echo "?")
printf '%-10s %10s %10s\n' process ms 'x ripgrep'
for name in "${names[@]}"; do
  [ -n "${best[$name]:-}" ] || { printf '%-10s %10s\n' "$name" 'not there'; continue; }
  awk -v name="$name" -v time="${best[$name]}" -v base="${best[ripgrep]:-0}" \
    'BEGIN { printf "%-10s %10.1f %10s\n", name, time / 1000, base ? sprintf("%.2f", time / base) : "-" }'
done
echo "crosscast peak memory: $peak KB"
