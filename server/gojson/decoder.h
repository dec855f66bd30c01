// Puts a parsed value into C++ objects by the rules of json.Unmarshal.
//
//   Decoder decoder("ClientOpts", "server.ClientOpts");
//   decoder.object(document.root(), {{"verbose", options.verbose}, {"name", options.name}});
//   NATS_TRY_VOID(decoder.result());
//
// A mismatch of types does not stop: the rest is decoded, and result() tells the first one in Go's
// words. null leaves a target as it is (an optional, a list or a map becomes empty).
// A struct of one's own is decoded by a free function decode(Decoder&, Value, T&) beside it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"
#include "server/gojson/document.h"

namespace nats::gojson {

class Decoder;

template <class T>
void decode_any(Decoder& decoder, Value value, T& target);

// One field of a Go struct: its JSON name and where its value goes.
class Field {
 public:
  template <class T>
  Field(std::string_view name, T& target)
      : name_(name), target_(&target), decode_([](Decoder& decoder, Value value, void* to) {
          decode_any(decoder, value, *static_cast<T*>(to));
        }) {}

  std::string_view name() const { return name_; }
  void decode(Decoder& decoder, Value value) const { decode_(decoder, value, target_); }

 private:
  std::string_view name_;
  void* target_;
  void (*decode_)(Decoder&, Value, void*);
};

class Decoder {
 public:
  // The Go names of the type that the whole text is decoded into; they appear in error texts.
  // `root_name` is empty where that type has no name.
  Decoder(std::string_view root_name, std::string_view root_type) : root_name_(root_name), type_(root_type) {}

  // A struct, of the Go type named last: by the constructor or by struct_type().
  void object(Value value, std::initializer_list<Field> fields);
  void struct_type(std::string_view go_type) { type_ = go_type; }

  void read(Value value, bool& target);
  void read(Value value, std::string& target);
  void read(Value value, double& target);
  void read(Value value, std::int64_t& target);   // Go's int; use read_int for others
  void read(Value value, std::uint64_t& target);  // Go's uint64
  // A signed integer of a Go type of other name or range.
  void read_int(Value value, std::int64_t min, std::int64_t max, std::string_view go_type,
                std::int64_t& target);

  template <class T>
  void read(Value value, std::optional<T>& target) {
    if (value.is_null()) return target.reset();
    if (!target) target.emplace();
    decode_any(*this, value, *target);
  }
  template <class T>
  void read(Value value, std::vector<T>& target) {
    if (value.is_null()) return target.clear();
    if (value.kind() != Kind::array) return mismatch(value, list_type(target));
    target.clear();
    std::size_t index = 0;
    for (Value at = value.first(); at != value.end(); at = at.next()) {
      const std::size_t mark = enter(std::to_string(index++));
      target.emplace_back();
      decode_any(*this, at, target.back());
      leave(mark);
    }
  }
  template <class T>
  void read(Value value, std::map<std::string, T>& target) {
    if (value.is_null()) return target.clear();
    if (value.kind() != Kind::object) return mismatch(value, map_type(target));
    for (Value at = value.first(); at != value.end(); at = at.next().next()) {
      const std::size_t mark = enter(at.text());
      decode_any(*this, at.next(), target[std::string(at.text())]);
      leave(mark);
    }
  }

  // Says that `value` cannot become a `go_type`.
  void mismatch(Value value, std::string_view go_type);

  // The first mismatch.
  Result<void> result() const;

 private:
  std::size_t enter(std::string_view name);
  void leave(std::size_t mark) { path_.resize(mark); }
  void mismatch_text(std::string_view value, std::string_view go_type);

  static std::string list_type(const std::vector<std::string>&) { return "[]string"; }
  template <class T>
  static std::string list_type(const std::vector<T>&) {
    return "[]" + std::string(go_type_of(static_cast<T*>(nullptr)));
  }
  static std::string map_type(const std::map<std::string, std::string>&) { return "map[string]string"; }
  template <class T>
  static std::string map_type(const std::map<std::string, T>&) {
    return "map[string]" + std::string(go_type_of(static_cast<T*>(nullptr)));
  }
  static std::string_view go_type_of(const bool*) { return "bool"; }
  static std::string_view go_type_of(const std::int64_t*) { return "int"; }
  static std::string_view go_type_of(const std::uint64_t*) { return "uint64"; }
  static std::string_view go_type_of(const double*) { return "float64"; }
  template <class T>
  static std::string_view go_type_of(const T*) {
    return T::go_type;
  }

  std::string_view root_name_;
  std::string_view type_;
  std::string path_;
  std::optional<std::string> error_;
};

template <class T>
void decode_any(Decoder& decoder, Value value, T& target) {
  if constexpr (requires { decoder.read(value, target); }) {
    decoder.read(value, target);
  } else {
    decode(decoder, value, target);
  }
}

// True when Go's encoding/json would match an object key to a field of this name, exact or not.
bool same_folded_name(std::string_view key, std::string_view field);

}  // namespace nats::gojson
