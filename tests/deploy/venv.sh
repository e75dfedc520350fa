#!/usr/bin/env bash
# Makes a Python virtual environment when it is missing, or was made from other requirements.
#
# Usage: venv.sh VENV REQUIREMENTS.txt
set -euo pipefail

venv=$1 requirements=$2
export PIP_DISABLE_PIP_VERSION_CHECK=1

if ! cmp -s "$requirements" "$venv/installed.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --requirement "$requirements"
  cp "$requirements" "$venv/installed.txt"
fi
