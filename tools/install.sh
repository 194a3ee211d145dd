#!/bin/sh
# Installs into .venv: one hash-pinned file of requirements, or (--project) Engawa itself, editable.
# uv is quick and comes first; where it has no wheel or cannot reach the packages (a mirror that
# only pip is told about), pip does the same work from the same file.
set -eu
export UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1
python=.venv/bin/python
if [ "$1" = --project ]; then
    # The build backend is pinned in requirements/run.txt, so nothing unpinned is fetched to build.
    what="--no-deps --no-build-isolation --editable ."
    name="Engawa itself"
else
    what="--require-hashes -r $1"
    name="The packages named in $1"
fi
if [ ! -x .venv/bin/uv ]; then
    $python -m pip install --quiet --require-hashes -r requirements/uv.txt ||
        echo "      uv cannot be installed here: going on with pip, which takes a minute or more" >&2
fi
if [ -x .venv/bin/uv ]; then
    # The certificates of this machine first (a city's proxy has its own), then those uv carries.
    # shellcheck disable=SC2086 # $what is a list of words
    UV_SYSTEM_CERTS=true .venv/bin/uv pip install --quiet --python $python $what 2>.venv/uv.txt && exit 0
    # shellcheck disable=SC2086
    .venv/bin/uv pip install --quiet --python $python $what && exit 0
    echo "      uv could not do it: trying once more with pip, which takes a minute or more" >&2
fi
# shellcheck disable=SC2086
$python -m pip install --quiet $what && exit 0
echo "$name could not be installed: see the lines above, check the network and run the same command again." >&2
exit 1
