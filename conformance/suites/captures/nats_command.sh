#!/usr/bin/env bash
# The nats command as subscriber, publisher, requester. Arguments: the command, the server's URL.
set -euo pipefail
nats=$1 url=$2
"$nats" --server "$url" sub 'orders.>' --count 2 &
subscriber=$!
sleep 0.5
"$nats" --server "$url" pub orders.new 'one order'
"$nats" --server "$url" pub orders.old 'another order' --header 'Priority: low'
wait "$subscriber"
"$nats" --server "$url" request nobody.here 'anyone?' || true
"$nats" --server "$url" rtt 3
