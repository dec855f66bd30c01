// A parsed configuration: values that know where they stood.
//
// The Document owns every array and map; tokens point into it and variables share what they name,
// so a copy of a token is cheap and nothing recurses when a document dies, whatever the nesting.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/config/options.h"

namespace nats::config {

struct Token;
using Array = std::vector<Token>;
// Sorted by key. Of a repeated key the last value is kept.
using Map = std::map<std::string, Token, std::less<>>;

// A position whose file name lives in the Document.
struct Spot {
  const std::string* file = nullptr;
  int line = 0;
  int column = 0;

  Position position() const { return {file ? *file : std::string(), line, column}; }
  // "a.conf:3:7"
  std::string text() const;
};

// "2006-01-02T15:04:05Z", a date that exists, as it was written.
struct Date {
  std::string text;
};

using Value = std::variant<bool, std::int64_t, double, std::string, Date, Array*, Map*>;

// A value in a map stands where its key stands, a value in an array where it stands itself.
struct Token {
  Value value;
  Spot spot;
  bool used_variable = false;  // somebody referred to it with $
  bool bare = false;           // came out of an environment variable's array or map: stands nowhere

  // nullptr: the value is of another type.
  const bool* boolean() const { return std::get_if<bool>(&value); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value); }
  const double* floating() const { return std::get_if<double>(&value); }
  const std::string* string() const { return std::get_if<std::string>(&value); }
  const Array* array() const {
    auto* held = std::get_if<Array*>(&value);
    return held ? *held : nullptr;
  }
  const Map* map() const {
    auto* held = std::get_if<Map*>(&value);
    return held ? *held : nullptr;
  }
  // The type as Go names it: "int64", "map[string]interface {}".
  std::string_view type_name() const;
  // The value as Go's %v prints it: of arrays and maps that is where their entries are in memory.
  std::string text() const;
};

class Document {
 public:
  Document() = default;
  Document(Document&&) = default;
  Document& operator=(Document&&) = default;
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  Map& root() { return *root_; }
  const Map& root() const { return *root_; }

  Map* new_map() { return &maps_.emplace_back(); }
  Array* new_array() { return &arrays_.emplace_back(); }
  const std::string* new_file_name(std::string_view name) { return &files_.emplace_back(name); }
  void set_root(Map* root) { root_ = root; }

 private:
  std::deque<Map> maps_;
  std::deque<Array> arrays_;
  std::deque<std::string> files_;
  Map* root_ = nullptr;
};

}  // namespace nats::config
