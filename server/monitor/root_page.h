// The page at the root of the monitoring port: links to the endpoints.
#pragma once

#include <string>
#include <string_view>

namespace nats::monitor {

// `released` is whether the server was built from a released commit: then the version links to it.
std::string root_page(std::string_view base_path, std::string_view version, bool released);

}  // namespace nats::monitor
