// A line of a server's log: "[pid] date time [LVL] text".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace/trace.h"

namespace natstwin::runner {

struct LogLine {
  std::string level;   // INF, WRN, ... ; "" if the line is none of a log
  std::string prefix;  // what stands before the level, digits as 'd', the pid as one word
  std::string text;
};

LogLine parse_log_line(std::string_view line);

// Text of a program: each line a leaf `path[i]`, log lines without pid and time.
void append_output(std::string_view text, std::string_view path, std::vector<trace::Leaf>& leaves);

}  // namespace natstwin::runner
