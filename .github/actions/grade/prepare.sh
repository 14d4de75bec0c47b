#!/usr/bin/env bash
# Makes a runner fit for grading: lets ordinary users build a lab, and installs tshark for the second opinion.
set -euo pipefail

knob=kernel.apparmor_restrict_unprivileged_userns # Ubuntu 24.04 and newer
if [[ -e /proc/sys/${knob//.//} ]]; then
    sudo sysctl -w "$knob=0"
fi
if ! command -v tshark > /dev/null; then
    sudo apt-get update -qq
    sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends tshark > /dev/null
fi
