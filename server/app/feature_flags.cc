#include "server/app/feature_flags.h"

namespace nats::app {
namespace {

const FeatureFlag* find(std::string_view name) {
  for (const FeatureFlag& flag : feature_flags)
    if (flag.name == name) return &flag;
  return nullptr;
}

std::string_view word(bool by_default, bool configured) {
  if (by_default) return configured ? "enabled" : "opt-out";
  return configured ? "opt-in" : "disabled";
}

void add(std::string& list, std::string_view text) {
  if (!list.empty()) list += ", ";
  list += text;
}

}  // namespace

void announce_feature_flags(const std::map<std::string, bool>& configured, Log& log) {
  if (configured.empty()) return;
  std::string known;
  std::string unknown;
  for (const auto& [name, enabled] : configured) {
    if (const FeatureFlag* flag = find(name))
      add(known, fmt::format("{} ({})", name, word(flag->enabled, enabled)));
    else
      add(unknown, name);
  }
  log.info("  Feature flags:");
  log.info("    Configured:    {}", known.empty() ? "none" : known);
  if (!unknown.empty()) log.info("    Unsupported:   {}", unknown);
}

std::map<std::string, bool> merged_feature_flags(const std::map<std::string, bool>& configured) {
  std::map<std::string, bool> merged;
  for (const FeatureFlag& flag : feature_flags) {
    auto it = configured.find(std::string(flag.name));
    merged[std::string(flag.name)] = it == configured.end() ? flag.enabled : it->second;
  }
  return merged;
}

}  // namespace nats::app
