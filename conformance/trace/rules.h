// What is known of leaves by their name, because five recordings can agree by luck ("uptime": "0s")
// or because the value tells of the implementation or the machine. Everything that is not in this
// one table is decided by the recordings.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace natstwin::trace {

enum class RuleKind : std::uint8_t {
  any_text,          // a string, not empty
  any_number,        // a JSON number
  positive_integer,  // 1 and up
  natural_integer,   // 0 and up
  duration,          // Go duration text
  moment,            // a time
  random_text,       // base64url of the length seen
  any_order,         // the elements of this array come in any order
};

struct LeafRule {
  std::string_view frame;  // glob: * is any run of characters
  std::string_view path;   // glob; indexes are left out of paths ("json.connections.uptime")
  RuleKind kind;
  std::string_view reason;
};

// Texts of which only both ends are a promise.
struct TextRule {
  std::string_view frame;
  std::string_view path;
  std::string_view begin;  // of the JSON token
  std::string_view end;
  std::string_view reason;
};
const TextRule* find_text_rule(std::string_view frame, std::string_view path, std::string_view value);

// Integers of array elements that another field of the element tells apart.
struct ElementRule {
  std::string_view frame;
  std::string_view array;
  std::string_view key;     // the field that tells,
  std::string_view prefix;  // and how its value begins
  std::string_view field;   // natural_integer, with or without quotes
  std::string_view reason;
};
std::span<const ElementRule> element_rules_of(std::string_view frame, std::string_view array);

std::span<const LeafRule> leaf_rules();
// Null if none. `path` as it stands in the leaf.
const LeafRule* find_rule(std::string_view frame, std::string_view path);
// Arrays are asked for apart: "json.connections[0].subscriptions_list".
bool is_set_by_rule(std::string_view frame, std::string_view array_path);

bool glob_matches(std::string_view glob, std::string_view text);

}  // namespace natstwin::trace
