// What the server says it is. The number is the reference's: clients decide by it what they may use.
#pragma once

#include <string_view>

namespace nats::app {

constexpr std::string_view reference_version = "2.15.1";
constexpr std::string_view implementation = "natstwin/0.1.0";
// Seven hexadecimal digits, or empty in a source tree without history.
extern const std::string_view git_commit;

}  // namespace nats::app
