#!/bin/sh
# `docker run nats -js` means flags for the server; anything else is a command.
set -e

case "${1:--}" in
-*) exec nats-server "$@" ;;
*) exec "$@" ;;
esac
