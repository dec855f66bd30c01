// The profiles that can be asked for by name. Names, types and texts are those of Go's runtime/pprof;
// a goroutine is a thread here. What this server does not sample (allocations, locks) is empty.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/monitor/profiling/profile.h"

namespace nats::monitor {

struct ProfileKind {
  std::string_view name;
  std::string_view description;
  Profile (*collect)(sys::Diagnostics& diagnostics);
  // For debug=1 and more.
  std::string (*text)(sys::Diagnostics& diagnostics, std::int64_t debug);
};

std::span<const ProfileKind> profile_kinds();
// Null: there is none of that name.
const ProfileKind* find_profile_kind(std::string_view name);

Profile cpu_profile(const sys::CpuProfile& samples);

// What /stacksz and goroutine?debug=2 show.
std::string thread_stacks_text(sys::Diagnostics& diagnostics);

}  // namespace nats::monitor
