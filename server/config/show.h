// Values of Options as the reference's messages print them (Go's %v).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "server/config/options.h"
#include "server/gojson/time_text.h"

namespace nats::config {

inline std::string show(bool value) { return value ? "true" : "false"; }
inline std::string show(int value) { return std::to_string(value); }
inline std::string show(std::int64_t value) { return std::to_string(value); }
inline std::string show(const std::string& value) { return value; }
inline std::string show(Duration value) { return gojson::duration_text(value); }

// Monitoring shows the same.
inline std::string show(WriteTimeoutPolicy value) {
  switch (value) {
    case WriteTimeoutPolicy::close:
      return "close";
    case WriteTimeoutPolicy::retry:
      return "retry";
    case WriteTimeoutPolicy::default_policy:
      break;
  }
  return "";
}

inline std::string show(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) out += (out.size() > 1 ? " " : "") + value;
  return out + "]";
}

template <class T>
std::string show(const std::map<std::string, T>& values) {
  std::string out = "map[";
  for (const auto& [key, value] : values) out += (out.size() > 4 ? " " : "") + key + ":" + show(value);
  return out + "]";
}

// Never shown: their reload is always allowed.
inline std::string show(const std::vector<Mapping>&) { return "[...]"; }
inline std::string show(const std::vector<Account>&) { return "[...]"; }

}  // namespace nats::config
