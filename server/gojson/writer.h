// Appends JSON text to a string as Go's encoding/json writes it.
//
// Calls follow the shape of the value: begin_object, then key and one value for each member, then
// end_object. The writer adds commas, line breaks and indentation; it never looks back at the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/time.h"

namespace nats::gojson {

class Writer {
 public:
  // `indent` is what one level is indented by, as in json.MarshalIndent(v, "", indent); empty means
  // compact, as json.Marshal. `out` and `indent` must outlive the writer.
  explicit Writer(std::string& out, std::string_view indent = {})
      : out_(out), indent_(indent), line_start_(indent.empty() ? "" : "\n") {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);

  // A string value; <, >, &, U+2028, U+2029 and control characters are escaped, invalid UTF-8 is
  // replaced.
  void string(std::string_view text);
  void integer(std::int64_t number);
  void unsigned_integer(std::uint64_t number);
  // `number` must be finite.
  void number(double number);
  void boolean(bool value);
  void null();
  // A time.Time; `utc_offset` is that of the location in which Go would hold it.
  void time(WallTime at, Duration utc_offset = {});
  // A time.Duration: a number of nanoseconds.
  void duration(Duration length) { integer(length.ns); }
  // Text that is one JSON value already, taken as it is.
  void raw(std::string_view json);

  // Members in one call.
  void string(std::string_view name, std::string_view text) { key(name), string(text); }
  void integer(std::string_view name, std::int64_t value) { key(name), integer(value); }
  void unsigned_integer(std::string_view name, std::uint64_t value) { key(name), unsigned_integer(value); }
  void number(std::string_view name, double value) { key(name), number(value); }
  void boolean(std::string_view name, bool value) { key(name), boolean(value); }
  void null(std::string_view name) { key(name), null(); }
  void time(std::string_view name, WallTime at, Duration utc_offset = {}) { key(name), time(at, utc_offset); }
  void duration(std::string_view name, Duration length) { key(name), duration(length); }

  // Members tagged `omitempty`.
  void string_unless_empty(std::string_view name, std::string_view text) {
    if (!text.empty()) string(name, text);
  }
  void integer_unless_zero(std::string_view name, std::int64_t value) {
    if (value != 0) integer(name, value);
  }
  void unsigned_unless_zero(std::string_view name, std::uint64_t value) {
    if (value != 0) unsigned_integer(name, value);
  }
  void number_unless_zero(std::string_view name, double value) {
    if (value != 0) number(name, value);
  }
  void boolean_unless_false(std::string_view name, bool value) {
    if (value) boolean(name, value);
  }

 private:
  void before_value();
  void open(char bracket);
  void close(char bracket);
  void append_quoted(std::string_view text);

  std::string& out_;
  std::string_view indent_;
  std::string line_start_;  // a line break and the indentation
  std::size_t depth_ = 0;
  bool first_ = true;  // no sibling was written yet in the open object or array
  bool after_key_ = false;
};

// The text of one string value, quotes included.
std::string quoted_json(std::string_view text);

}  // namespace nats::gojson
