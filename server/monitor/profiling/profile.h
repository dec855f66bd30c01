// Profiles as pprof knows them: stacks, and values of named types for each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/sys/diagnostics.h"

namespace nats::monitor {

struct ProfileType {
  std::string_view name, unit;
};

struct Profile {
  std::vector<ProfileType> types;
  ProfileType period_type;
  std::int64_t period = 0;
  WallTime at;
  Duration duration;  // 0: a moment
  // A value for each type.
  std::map<sys::CodeStack, std::vector<std::int64_t>> samples;

  std::int64_t total() const;  // of the first type
};

// What came between two profiles of one kind; stacks without a change are left out.
Profile difference(const Profile& earlier, const Profile& later);

// The format of `go tool pprof`: profile.proto, gzipped.
std::string encode_profile(const Profile& profile, sys::Diagnostics& diagnostics);
// The same, not gzipped.
std::string encode_profile_message(const Profile& profile, sys::Diagnostics& diagnostics);

}  // namespace nats::monitor
