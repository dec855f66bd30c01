// The reference's feature flags: names, defaults, and what it says of them at start.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "server/base/log.h"

namespace nats::app {

struct FeatureFlag {
  std::string_view name;
  bool enabled;
};

inline constexpr std::array feature_flags{
    FeatureFlag{"js_ack_fc_v2", false},
    FeatureFlag{"js_api_reply_v2", false},
    FeatureFlag{"js_raft_delete_range", true},
    FeatureFlag{"js_snapshot_sources", false},
};

void announce_feature_flags(const std::map<std::string, bool>& configured, Log& log);
// The known flags as they are in force.
std::map<std::string, bool> merged_feature_flags(const std::map<std::string, bool>& configured);

}  // namespace nats::app
