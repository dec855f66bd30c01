# Sourced by the scripts of ci/: the root of the work tree, progress lines, the reference binaries.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export root
python="$root/.venv/bin/python"
reference_version=2.15.1
older_versions=(2.14.6 2.12.8)
export python reference_version older_versions
# Scenarios and suites find the tools that ci/setup brought: nats, python3 with nats-py.
export PATH="$root/.cache/bin:$root/.venv/bin:$PATH"

# The comment at the top of a script is its help.
show_help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p;}' "$1"; }

say() { printf '%s\n' "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 2
}

# The Go server of one version: reference_binary VERSION
reference_binary() { printf '%s/.cache/reference/%s/bin/nats-server' "$root" "$1"; }

# Configures and builds a preset: build_preset PRESET [TARGET...]
build_preset() {
  local preset=$1 log
  shift
  mkdir -p "$root/build"
  log="$root/build/$preset.configure.log"
  (cd "$root" && cmake --preset "$preset") >"$log" 2>&1 || {
    cat "$log"
    return 1
  }
  cmake --build "$root/build/$preset" --parallel "$(nproc)" ${1:+--target "$@"}
}

# For steps: what ci/test adds up for its closing line. count PASSED FAILED
count() {
  if [[ -n ${NATSTWIN_COUNTS:-} ]]; then
    printf '%d %d\n' "$1" "$2" >>"$NATSTWIN_COUNTS"
  fi
}

# Seconds as 1m07s.
elapsed() {
  local seconds=$1
  printf '%dm%02ds' $((seconds / 60)) $((seconds % 60))
}

# Runs pytest and counts its tests: run_pytest ARGUMENT...
run_pytest() {
  local report status=0
  report=$(mktemp --suffix=.xml)
  "$python" -m pytest --quiet --junit-xml="$report" "$@" || status=$?
  count_junit "$report"
  rm -f "$report"
  return "$status"
}

# Adds the tests of JUnit files to the count: count_junit FILE...
count_junit() {
  local passed failed
  read -r passed failed < <("$python" "$root/ci/junit_totals.py" "$@")
  count "$passed" "$failed"
}

# Runs tests of the preset dev and counts the cases of every test program: run_ctest NAME CTEST_ARGUMENT...
run_ctest() {
  local name=$1 status=0 reports
  shift
  reports="$root/out/gtest/$name"
  rm -rf "$reports"
  mkdir -p "$reports"
  (cd "$root" && GTEST_OUTPUT="xml:$reports/" ctest --preset dev --parallel "$(nproc)" --timeout 600 \
    --no-tests=error "$@") || status=$?
  count_junit "$reports"/*.xml
  return "$status"
}

# After a whole replay: rewrites the committed summary and documents, or (argument not empty) fails
# if they would change.
publish_documents() {
  local check=$1 fresh="$root/out/verdicts.json"
  if [[ -z $check ]]; then
    "$python" "$root/conformance/evidence/generate.py" verdicts &&
      "$python" "$root/conformance/evidence/generate.py" documents
    return
  fi
  "$python" "$root/conformance/evidence/generate.py" verdicts --into "$fresh" || return
  diff -U0 "$root/conformance/evidence/verdicts.json" "$fresh" || {
    say "verdicts changed: run ci/parity and commit conformance/evidence/verdicts.json, parity-map.md, differences.md"
    return 1
  }
  "$root/ci/lint" --only generated
}
