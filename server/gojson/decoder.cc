#include "server/gojson/decoder.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "server/gojson/utf8.h"

namespace nats::gojson {

namespace {

// Folds the runes whose simple case folding meets ASCII; field names are ASCII, so no other rune
// can match.
char32_t fold(char32_t rune) {
  if (rune >= 'a' && rune <= 'z') return rune - 'a' + 'A';
  if (rune == 0x17F) return 'S';   // long s
  if (rune == 0x212A) return 'K';  // Kelvin sign
  return rune;
}

const Field* find_field(std::initializer_list<Field> fields, std::string_view key) {
  for (const Field& field : fields)
    if (field.name() == key) return &field;
  for (const Field& field : fields)
    if (same_folded_name(key, field.name())) return &field;
  return nullptr;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "bool";
    case Kind::number:
      return "number";
    case Kind::string:
      return "string";
    case Kind::array:
      return "array";
    case Kind::object:
      return "object";
  }
  return "";
}

}  // namespace

bool same_folded_name(std::string_view key, std::string_view field) {
  while (!key.empty() && !field.empty()) {
    const Rune a = decode_rune(key), b = decode_rune(field);
    if (fold(a.value) != fold(b.value)) return false;
    key.remove_prefix(a.size);
    field.remove_prefix(b.size);
  }
  return key.empty() && field.empty();
}

void Decoder::object(Value value, std::initializer_list<Field> fields) {
  if (value.is_null()) return;
  if (value.kind() != Kind::object) return mismatch(value, type_);
  for (Value key = value.first(); key != value.end(); key = key.next().next()) {
    const Field* field = find_field(fields, key.text());
    if (!field) continue;
    const std::size_t mark = enter(key.text());
    field->decode(*this, key.next());
    leave(mark);
  }
}

void Decoder::read(Value value, bool& target) {
  if (value.is_null()) return;
  if (value.kind() != Kind::boolean) return mismatch(value, "bool");
  target = value.boolean();
}

void Decoder::read(Value value, std::string& target) {
  if (value.is_null()) return;
  if (value.kind() != Kind::string) return mismatch(value, "string");
  target = value.text();
}

void Decoder::read(Value value, double& target) {
  if (value.is_null()) return;
  if (value.kind() != Kind::number) return mismatch(value, "float64");
  const std::string_view text = value.text();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // Too small rounds to zero in Go; too large is an error there.
  if (error == std::errc::result_out_of_range && std::isinf(std::strtod(std::string(text).c_str(), nullptr)))
    return mismatch_text("number " + std::string(text), "float64");
  target = number;
}

void Decoder::read(Value value, std::int64_t& target) {
  read_int(value, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), "int",
           target);
}

void Decoder::read_int(Value value, std::int64_t min, std::int64_t max, std::string_view go_type,
                       std::int64_t& target) {
  if (value.is_null()) return;
  if (value.kind() != Kind::number) return mismatch(value, go_type);
  const std::string_view text = value.text();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < min || number > max)
    return mismatch_text("number " + std::string(text), go_type);
  target = number;
}

void Decoder::read(Value value, std::uint64_t& target) {
  if (value.is_null()) return;
  if (value.kind() != Kind::number) return mismatch(value, "uint64");
  const std::string_view text = value.text();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return mismatch_text("number " + std::string(text), "uint64");
  target = number;
}

std::size_t Decoder::enter(std::string_view name) {
  const std::size_t mark = path_.size();
  if (mark > 0) path_ += '.';
  path_ += name;
  return mark;
}

void Decoder::mismatch(Value value, std::string_view go_type) {
  mismatch_text(kind_name(value.kind()), go_type);
}

void Decoder::mismatch_text(std::string_view value, std::string_view go_type) {
  if (error_) return;
  error_.emplace("json: cannot unmarshal ");
  *error_ += value;
  *error_ += " into ";
  if (path_.empty()) {
    *error_ += "Go value";
  } else {
    // Go leaves these words out where the last step of the path looks like an array's index.
    const std::string_view last = std::string_view(path_).substr(path_.rfind('.') + 1);
    if (last.empty() || last.find_first_not_of("0123456789") != last.npos) *error_ += "Go struct field ";
    *error_ += root_name_;
    *error_ += '.';
    *error_ += path_;
  }
  *error_ += " of type ";
  *error_ += go_type;
}

Result<void> Decoder::result() const {
  if (error_) return fail(ErrorCode::malformed, *error_);
  return {};
}

}  // namespace nats::gojson
