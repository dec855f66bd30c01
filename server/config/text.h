// Texts as Go reads and prints them: durations, numbers, addresses, paths, letter case. Where a
// function fails, the error's detail is the reference's text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"
#include "server/base/time.h"

namespace nats::config::text {

// Go's unicode.IsSpace and unicode.IsDigit.
bool is_space(char32_t rune);
bool is_digit(char32_t rune);

// strings.ToLower as far as ASCII results go: only keys and keywords are compared by it.
std::string lower(std::string_view text);
std::string upper(std::string_view text);
std::string_view trim(std::string_view text);
// strings.Fields.
std::vector<std::string_view> fields(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

// time.ParseDuration.
Result<Duration> parse_duration(std::string_view text);

// strconv.ParseInt(text, 10, 64). invalid_argument: not a number; limit_exceeded: does not fit.
// `function` is the name that Go's error text shows.
Result<std::int64_t> parse_int(std::string_view text, std::string_view function = "ParseInt");
// strconv.ParseInt(text, 0, 64): prefixes 0x, 0o, 0b and underscores as in Go source.
Result<std::int64_t> parse_int_literal(std::string_view text);
// strconv.ParseBool.
std::optional<bool> parse_bool(std::string_view text);

// A float64 as fmt's %v prints it.
std::string float_text(double value);

struct HostPort {
  std::string host;
  std::string port;
};
// net.SplitHostPort. The error's detail is Go's: "address x: missing port in address".
Result<HostPort> split_host_port(std::string_view text);

struct Address {
  std::string host;
  int port = 0;
};
// An address to advertise: where the port is missing, 0 or -1 it is `default_port`.
Result<Address> parse_address(std::string_view text, int default_port);

// filepath.Dir, filepath.Join and path.Clean.
std::string path_directory(std::string_view path);
std::string path_join(std::string_view directory, std::string_view name);
std::string path_clean(std::string_view path);

// What os.ReadFile says about a path that could not be read.
std::string file_error_text(std::string_view path, const Error& error);

}  // namespace nats::config::text
