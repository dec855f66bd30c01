#include "server/monitor/profiling/profile_pages.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

#include "server/monitor/profiling/expvar.h"
#include "server/monitor/profiling/profile_kinds.h"

namespace nats::monitor {

namespace {

constexpr std::string_view plain = "text/plain; charset=utf-8";

struct Page {
  std::string_view name, description;  // as HTML
  std::int64_t count = 0;
};

// Those that are no profiles of the moment.
constexpr std::array other_pages{
    Page{"cmdline", "The command line invocation of the current program"},
    Page{"profile",
         "CPU profile. You can specify the duration in the seconds GET parameter. After you get the profile "
         "file, use the go tool pprof command to investigate the profile."},
    Page{"symbol",
         "Maps given program counters to function names. Counters can be specified in a GET raw query or "
         "POST body, multiple counters are separated by &#39;+&#39;."},
    Page{"trace",
         "A trace of execution of the current program. You can specify the duration in the seconds GET "
         "parameter. After you get the trace file, use the go tool trace command to investigate the trace."},
};

HttpAnswer unguessed(std::string_view content_type, std::string body) {
  return {200,
          {{"Content-Type", std::string(content_type)}, {"X-Content-Type-Options", "nosniff"}},
          std::move(body)};
}

// Decimal, or hexadecimal after 0x; 0 for anything else.
sys::CodeAddress parse_address(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  sys::CodeAddress value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

}  // namespace

HttpAnswer index_answer(sys::Diagnostics& diagnostics) {
  std::vector<Page> pages(other_pages.begin(), other_pages.end());
  for (const ProfileKind& kind : profile_kinds())
    pages.push_back({kind.name, kind.description, kind.collect(diagnostics).total()});
  std::ranges::sort(pages, {}, &Page::name);
  std::string out =
      "<html>\n<head>\n<title>/debug/pprof/</title>\n<style>\n.profile-name{\n\tdisplay:inline-block;\n"
      "\twidth:6rem;\n}\n</style>\n</head>\n<body>\n/debug/pprof/\n<br>\n"
      "<p>Set debug=1 as a query parameter to export in legacy text format</p>\n<br>\n"
      "Types of profiles available:\n<table>\n<thead><td>Count</td><td>Profile</td></thead>\n";
  for (const Page& page : pages)
    out += fmt::format("<tr><td>{}</td><td><a href='{}?debug=1'>{}</a></td></tr>\n", page.count, page.name,
                       page.name);
  out +=
      "</table>\n<a href=\"goroutine?debug=2\">full goroutine stack dump</a>\n<br>\n<p>\n"
      "Profile Descriptions:\n<ul>\n";
  for (const Page& page : pages)
    out += fmt::format("<li><div class=profile-name>{}: </div> {}</li>\n", page.name, page.description);
  out += "</ul>\n</p>\n</body>\n</html>";
  return unguessed("text/html; charset=utf-8", std::move(out));
}

HttpAnswer command_line_answer(const std::vector<std::string>& command_line) {
  std::string text;
  for (const std::string& argument : command_line) {
    if (!text.empty()) text += '\0';
    text += argument;
  }
  return unguessed(plain, std::move(text));
}

HttpAnswer symbol_answer(sys::Diagnostics& diagnostics, std::string_view query) {
  std::string out = "num_symbols: 1\n";
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('+'), query.size());
    const sys::CodeAddress address = parse_address(query.substr(0, end));
    query.remove_prefix(std::min(end + 1, query.size()));
    if (address == 0) continue;
    const sys::CodePlace place = diagnostics.place(address);
    if (!place.function.empty()) out += fmt::format("{:#x} {}\n", address, place.function);
  }
  return unguessed(plain, std::move(out));
}

HttpAnswer expvar_answer(sys::Diagnostics& diagnostics, const std::vector<std::string>& command_line) {
  return {200, {{"Content-Type", "application/json; charset=utf-8"}}, expvars(diagnostics, command_line)};
}

HttpAnswer profile_text_answer(std::string text) { return unguessed(plain, std::move(text)); }

HttpAnswer profile_file_answer(std::string_view name, std::string bytes) {
  return {200,
          {{"Content-Disposition", fmt::format("attachment; filename=\"{}\"", name)},
           {"Content-Type", "application/octet-stream"},
           {"X-Content-Type-Options", "nosniff"}},
          std::move(bytes)};
}

HttpAnswer profile_error(int status, std::string_view text) {
  return {status,
          {{"Content-Type", std::string(plain)}, {"X-Content-Type-Options", "nosniff"}, {"X-Go-Pprof", "1"}},
          std::string(text) + "\n"};
}

}  // namespace nats::monitor
