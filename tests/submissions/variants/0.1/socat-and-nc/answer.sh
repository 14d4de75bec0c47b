#!/bin/bash
# One request stands on standard input; standard output goes back to its sender.
echo "$SOCAT_PEERADDR:$SOCAT_PEERPORT $(dd bs=2048 count=1 2> /dev/null | tr -d '\0')" >&2
printf ABCD
