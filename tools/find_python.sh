#!/bin/sh
# Prints the Python that makes the virtual environment, or says in one sentence what is missing.
# $1: a Python to prefer (make setup PYTHON=…); without it the usual names are tried in turn.
set -eu
found=
for name in ${1:-python3 python3.13 python3.12 python3.11}; do
    path=$(command -v "$name" 2>/dev/null) || continue
    "$path" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || continue
    found=$path
    if "$path" -c 'import venv, ensurepip' 2>/dev/null; then
        echo "$path"
        exit 0
    fi
done
if [ -n "$found" ]; then
    echo "$found has no venv and ensurepip: run 'apt-get install python3-venv' (Debian, Ubuntu) and try again." >&2
else
    echo "No Python 3.11 to 3.13 was found${1:+ as $1}: run 'apt-get install python3 python3-venv' (Debian 12, Ubuntu 24.04 or newer), or name one with 'make setup PYTHON=/path/to/python3.11'." >&2
fi
exit 1
