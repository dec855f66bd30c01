// The answers of endpoints of features that a server runs without: no routes, no gateways, no leaf
// nodes, no JetStream.
#pragma once

#include <string>

#include "server/monitor/snapshot.h"

namespace nats::monitor {

std::string routez_without_routes(const Identity& identity);
std::string gatewayz_without_gateways(const Identity& identity);
std::string leafz_without_leafs(const Identity& identity);
std::string jsz_disabled(const Identity& identity);

}  // namespace nats::monitor
