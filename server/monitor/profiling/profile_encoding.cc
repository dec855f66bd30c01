// profile.proto by hand: five messages of numbers and strings need no generated code.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/gzip.h"
#include "server/monitor/profiling/profile.h"

namespace nats::monitor {

namespace {

// One protocol buffers message in the making.
class Message {
 public:
  void integer(int field, std::uint64_t value) {
    if (value == 0) return;
    tag(field, 0);
    varint(value);
  }
  void signed_integer(int field, std::int64_t value) { integer(field, static_cast<std::uint64_t>(value)); }
  void text(int field, std::string_view value) {
    tag(field, 2);
    varint(value.size());
    out_ += value;
  }
  void message(int field, const Message& value) { text(field, value.out_); }
  void packed(int field, const auto& values) {
    Message inner;
    for (const auto value : values) inner.varint(static_cast<std::uint64_t>(value));
    text(field, inner.out_);
  }
  const std::string& bytes() const { return out_; }

 private:
  void tag(int field, unsigned wire_type) { varint(static_cast<std::uint64_t>(field) << 3 | wire_type); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }

  std::string out_;
};

// The tables that samples refer to by number.
class Encoder {
 public:
  explicit Encoder(sys::Diagnostics& diagnostics) : diagnostics_(diagnostics) {
    string_id("");
    mappings_ = diagnostics.mappings();
  }

  std::string encode(const Profile& profile) {
    for (const ProfileType& type : profile.types) out_.message(1, value_type(type));
    for (const auto& [stack, values] : profile.samples) add_sample(stack, values);
    add_mappings();
    for (const Message& location : locations_) out_.message(4, location);
    for (const Message& function : functions_) out_.message(5, function);
    out_.signed_integer(9, profile.at.unix_ns);
    out_.signed_integer(10, profile.duration.ns);
    out_.message(11, value_type(profile.period_type));
    out_.signed_integer(12, profile.period);
    for (const std::string& text : strings_) out_.text(6, text);
    return out_.bytes();
  }

 private:
  std::uint64_t string_id(const std::string& text) {
    auto [at, fresh] = string_ids_.try_emplace(text, strings_.size());
    if (fresh) strings_.push_back(text);
    return at->second;
  }

  Message value_type(const ProfileType& type) {
    Message message;
    message.integer(1, string_id(std::string(type.name)));
    message.integer(2, string_id(std::string(type.unit)));
    return message;
  }

  void add_sample(const sys::CodeStack& stack, const std::vector<std::int64_t>& values) {
    std::vector<std::uint64_t> ids;
    for (std::size_t depth = 0; depth < stack.size(); ++depth) {
      // A return address belongs to the call before it.
      ids.push_back(location_id(stack[depth], stack[depth] - (depth > 0 ? 1 : 0)));
    }
    Message sample;
    sample.packed(1, ids);
    sample.packed(2, values);
    out_.message(2, sample);
  }

  std::uint64_t location_id(sys::CodeAddress address, sys::CodeAddress looked_up) {
    auto [at, fresh] = location_ids_.try_emplace(address, locations_.size() + 1);
    if (!fresh) return at->second;
    Message location;
    location.integer(1, at->second);
    location.integer(2, mapping_id(address));
    location.integer(3, address);
    const sys::CodePlace place = diagnostics_.place(looked_up);
    if (!place.function.empty()) {
      Message line;
      line.integer(1, function_id(place));
      line.signed_integer(2, place.line);
      location.message(4, line);
    }
    locations_.push_back(std::move(location));
    return at->second;
  }

  std::uint64_t function_id(const sys::CodePlace& place) {
    auto [at, fresh] = function_ids_.try_emplace(place.function, functions_.size() + 1);
    if (!fresh) return at->second;
    Message function;
    function.integer(1, at->second);
    function.integer(2, string_id(place.function));
    function.integer(3, string_id(place.function));
    function.integer(4, string_id(place.file));
    functions_.push_back(std::move(function));
    return at->second;
  }

  std::uint64_t mapping_id(sys::CodeAddress address) const {
    for (std::size_t i = 0; i < mappings_.size(); ++i)
      if (address >= mappings_[i].start && address < mappings_[i].limit) return i + 1;
    return 0;
  }

  void add_mappings() {
    for (std::size_t i = 0; i < mappings_.size(); ++i) {
      Message mapping;
      mapping.integer(1, i + 1);
      mapping.integer(2, mappings_[i].start);
      mapping.integer(3, mappings_[i].limit);
      mapping.integer(4, mappings_[i].file_offset);
      mapping.integer(5, string_id(mappings_[i].file));
      mapping.integer(7, functions_.empty() ? 0 : 1);  // names are told
      out_.message(3, mapping);
    }
  }

  sys::Diagnostics& diagnostics_;
  Message out_;
  std::vector<sys::CodeMapping> mappings_;
  std::vector<std::string> strings_;
  std::map<std::string, std::uint64_t> string_ids_;
  std::vector<Message> locations_, functions_;
  std::map<sys::CodeAddress, std::uint64_t> location_ids_;
  std::map<std::string, std::uint64_t> function_ids_;
};

}  // namespace

std::string encode_profile_message(const Profile& profile, sys::Diagnostics& diagnostics) {
  return Encoder(diagnostics).encode(profile);
}

std::string encode_profile(const Profile& profile, sys::Diagnostics& diagnostics) {
  return gzip(encode_profile_message(profile, diagnostics));
}

}  // namespace nats::monitor
