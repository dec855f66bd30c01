// The answers of the profiling port, in the words of Go's net/http/pprof.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/monitor/http_answer.h"
#include "server/sys/diagnostics.h"

namespace nats::monitor {

HttpAnswer index_answer(sys::Diagnostics& diagnostics);
HttpAnswer command_line_answer(const std::vector<std::string>& command_line);
// `query`: addresses, separated by '+'.
HttpAnswer symbol_answer(sys::Diagnostics& diagnostics, std::string_view query);
HttpAnswer expvar_answer(sys::Diagnostics& diagnostics, const std::vector<std::string>& command_line);
HttpAnswer profile_text_answer(std::string text);
HttpAnswer profile_file_answer(std::string_view name, std::string bytes);
HttpAnswer profile_error(int status, std::string_view text);

}  // namespace nats::monitor
