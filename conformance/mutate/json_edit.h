// Edits of JSON text that leave everything else as it was written, so that a mutant changes one thing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace natstwin::mutate {

struct JsonMember {
  std::size_t object = 0;     // members of one object share it
  std::size_t key_begin = 0;  // of the quote
  std::size_t key_end = 0;
  std::size_t value_begin = 0;
  std::size_t value_end = 0;
};

struct JsonElement {
  std::size_t array = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct JsonOutline {
  std::vector<JsonMember> members;  // in the order of the text
  std::vector<JsonElement> elements;
};

// Nothing if the text is no JSON object or array.
std::optional<JsonOutline> outline_of(std::string_view text);

// Each picks one of the places it could change by `choice`; nothing if there is no place.
using Edit = std::optional<std::string>;
Edit drop_member(std::string_view text, std::uint64_t choice);
Edit add_member(std::string_view text, std::uint64_t choice);
Edit swap_members(std::string_view text, std::uint64_t choice);
Edit change_key_case(std::string_view text, std::uint64_t choice);
Edit add_one(std::string_view text, std::uint64_t choice);
Edit spell_number_otherwise(std::string_view text, std::uint64_t choice);
Edit quote_number(std::string_view text, std::uint64_t choice);
Edit flip_bool(std::string_view text, std::uint64_t choice);
Edit change_string(std::string_view text, std::uint64_t choice);
Edit put_null(std::string_view text, std::uint64_t choice);
Edit empty_to_null(std::string_view text, std::uint64_t choice);
Edit drop_element(std::string_view text, std::uint64_t choice);
Edit repeat_element(std::string_view text, std::uint64_t choice);
Edit change_spacing(std::string_view text, std::uint64_t choice);

}  // namespace natstwin::mutate
