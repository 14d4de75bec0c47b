#!/usr/bin/env bash
# Installs pytest-netlab in an environment of its own, into which the submission cannot have installed anything.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
python -m venv "$RUNNER_TEMP/netlab/venv"
"$RUNNER_TEMP/netlab/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "${NETLAB_REQUIREMENT:-$(realpath "$here/../../..")}"
