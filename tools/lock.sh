#!/bin/sh
# Pins requirements/*.txt again: exact versions with hashes for every platform and Python we name,
# and neither a host nor a path in the files. What is already pinned stays, unless a *.in differs.
set -eu
cd requirements
lock() {
    ../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"
    echo "requirements: $*"
}
lock uv.in --output-file uv.txt
lock run.in --output-file run.txt
# The tests run on exactly what is served with.
lock --constraints run.txt test.in --output-file test.txt
