#include "server/auth/distinguished_name.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace nats::auth {
namespace {

struct KnownType {
  std::string_view oid;
  std::string_view name;
};

// In the order in which Go puts them together: the last is written first.
constexpr std::array go_order{
    KnownType{"2.5.4.6", "C"},           KnownType{"2.5.4.10", "O"}, KnownType{"2.5.4.11", "OU"},
    KnownType{"2.5.4.7", "L"},           KnownType{"2.5.4.8", "ST"}, KnownType{"2.5.4.9", "STREET"},
    KnownType{"2.5.4.17", "POSTALCODE"}, KnownType{"2.5.4.3", "CN"}, KnownType{"2.5.4.5", "SERIALNUMBER"},
};
constexpr std::string_view common_name = "2.5.4.3";
constexpr std::string_view serial_number = "2.5.4.5";
constexpr std::string_view domain_component = "0.9.2342.19200300.100.1.25";

const KnownType* find_known(std::string_view oid) {
  auto found = std::ranges::find(go_order, oid, &KnownType::oid);
  return found == go_order.end() ? nullptr : &*found;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_type(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool has_all(const RelativeDn& name, const RelativeDn& wanted) {
  return std::ranges::all_of(wanted, [&](const DnAttribute& attribute) {
    return std::ranges::any_of(name, [&](const DnAttribute& own) {
      return same_type(own.type, attribute.type) && own.value == attribute.value;
    });
  });
}

bool equal(const RelativeDn& a, const RelativeDn& b) {
  return a.size() == b.size() && has_all(a, b) && has_all(b, a);
}

// --- Reading.

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_special(char c) { return std::string_view(" \"#+,;<=>\\").find(c) != std::string_view::npos; }

class DnReader {
 public:
  explicit DnReader(std::string_view text) : text_(text) {}

  std::optional<Dn> read() {
    for (; at_ < text_.size(); ++at_)
      if (!take(text_[at_])) return std::nullopt;
    // A backslash at the end escapes nothing, and a name that ends without a value is left out: nobody minds.
    if (buffer_.empty()) return std::move(dn_);
    if (!end_attribute()) return std::nullopt;
    dn_.names.push_back(std::move(name_));
    return std::move(dn_);
  }

 private:
  bool take(char c) {
    if (c == '\\') return take_escaped();
    if (c == '=') {
      attribute_.type = take_buffer();
      // "#" begins BER, which nobody uses.
      return at_ + 1 >= text_.size() || text_[at_ + 1] != '#';
    }
    if (c == ',' || c == '+') {
      if (!end_attribute()) return false;
      if (c == ',') dn_.names.push_back(std::exchange(name_, {}));
      return true;
    }
    if (c == ' ' && buffer_.empty()) return true;
    trailing_spaces_ = c == ' ' ? trailing_spaces_ + 1 : 0;
    buffer_ += c;
    return true;
  }

  bool take_escaped() {
    trailing_spaces_ = 0;
    if (at_ + 1 >= text_.size()) return true;
    char c = text_[++at_];
    if (is_special(c)) {
      buffer_ += c;
      return true;
    }
    if (at_ + 1 >= text_.size()) return false;
    int high = hex_digit(c);
    int low = hex_digit(text_[++at_]);
    if (high < 0 || low < 0) return false;
    buffer_ += static_cast<char>(high * 16 + low);
    return true;
  }

  bool end_attribute() {
    if (attribute_.type.empty()) return false;
    attribute_.value = take_buffer();
    name_.push_back(std::exchange(attribute_, {}));
    return true;
  }

  std::string take_buffer() {
    buffer_.resize(buffer_.size() - trailing_spaces_);
    trailing_spaces_ = 0;
    return std::exchange(buffer_, {});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string buffer_;
  std::size_t trailing_spaces_ = 0;  // of buffer_, that no backslash protects
  DnAttribute attribute_;
  RelativeDn name_;
  Dn dn_;
};

// --- Writing.

void append_escaped(std::string& out, std::string_view value) {
  constexpr std::string_view always = ",+\"\\<>;";
  // Go counts characters for the ends, and a character's first octet is as good a place.
  for (std::size_t i = 0; i < value.size(); ++i) {
    char c = value[i];
    bool escape = always.find(c) != std::string_view::npos ||
                  (c == ' ' && (i == 0 || i + 1 == value.size())) || (c == '#' && i == 0);
    if (escape) out += '\\';
    out += c;
  }
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
}

// As Go encodes a string that it has decoded.
std::string der_of(const sys::NameAttribute& attribute) {
  if (!attribute.is_text) return attribute.value;
  constexpr char printable_string = 0x13;
  constexpr char utf8_string = 0x0c;
  constexpr std::size_t short_length_max = 127;
  std::string der(1, is_printable(attribute.value) ? printable_string : utf8_string);
  std::size_t size = attribute.value.size();
  if (size <= short_length_max) {
    der += static_cast<char>(size);
  } else {
    std::string octets;
    for (; size > 0; size >>= 8) octets.insert(octets.begin(), static_cast<char>(size & 0xff));
    der += static_cast<char>(0x80 | octets.size());
    der += octets;
  }
  return der + attribute.value;
}

std::string text_of(const sys::NameAttribute& attribute) {
  const KnownType* known = find_known(attribute.type);
  std::string text;
  if (known) {
    text = std::string(known->name) + "=";
    append_escaped(text, attribute.value);
    return text;
  }
  text = attribute.type + "=#";
  constexpr std::string_view digits = "0123456789abcdef";
  for (char octet : der_of(attribute)) {
    text += digits[static_cast<std::uint8_t>(octet) >> 4];
    text += digits[static_cast<std::uint8_t>(octet) & 15];
  }
  return text;
}

using Attributes = std::vector<const sys::NameAttribute*>;

Attributes all_of_type(const sys::DistinguishedName& subject, std::string_view oid) {
  Attributes found;
  for (const auto& name : subject)
    for (const sys::NameAttribute& attribute : name)
      if (attribute.is_text && attribute.type == oid) found.push_back(&attribute);
  bool last_counts = oid == common_name || oid == serial_number;
  if (last_counts && found.size() > 1) found.erase(found.begin(), found.end() - 1);
  if (last_counts && !found.empty() && found[0]->value.empty()) found.clear();
  return found;
}

std::string write(const std::vector<Attributes>& names) {
  std::string text;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (name != names.rbegin()) text += ",";
    for (std::size_t i = 0; i < name->size(); ++i) text += (i > 0 ? "+" : "") + text_of(*(*name)[i]);
  }
  return text;
}

void add_well_known(const sys::DistinguishedName& subject, std::vector<Attributes>& names) {
  for (const KnownType& type : go_order) {
    Attributes found = all_of_type(subject, type.oid);
    if (!found.empty()) names.push_back(std::move(found));
  }
}

}  // namespace

std::optional<Dn> parse_dn(std::string_view text) { return DnReader(text).read(); }

std::optional<Dn> dn_of(const sys::DistinguishedName& subject) {
  Dn dn;
  for (auto name = subject.rbegin(); name != subject.rend(); ++name) {
    RelativeDn relative;
    for (auto attribute = name->rbegin(); attribute != name->rend(); ++attribute) {
      const KnownType* known = find_known(attribute->type);
      bool component = attribute->type == domain_component;
      if (!attribute->is_text || (!known && !component)) return std::nullopt;
      relative.push_back({std::string(known ? known->name : "DC"), attribute->value});
    }
    dn.names.push_back(std::move(relative));
  }
  return dn;
}

bool equal(const Dn& a, const Dn& b) {
  return std::ranges::equal(a.names, b.names,
                            [](const RelativeDn& x, const RelativeDn& y) { return equal(x, y); });
}

bool is_within(const Dn& a, const Dn& b) {
  std::vector<bool> taken(b.names.size());
  return std::ranges::all_of(a.names, [&](const RelativeDn& wanted) {
    for (std::size_t i = 0; i < b.names.size(); ++i) {
      if (taken[i] || !equal(wanted, b.names[i])) continue;
      taken[i] = true;
      return true;
    }
    return false;
  });
}

std::string subject_text(const sys::DistinguishedName& subject) {
  std::vector<Attributes> names;
  for (const auto& name : subject)
    for (const sys::NameAttribute& attribute : name)
      if (!find_known(attribute.type)) names.push_back({&attribute});
  add_well_known(subject, names);
  return write(names);
}

std::string well_known_text(const sys::DistinguishedName& subject) {
  std::vector<Attributes> names;
  add_well_known(subject, names);
  return write(names);
}

std::string domain_components_text(const sys::DistinguishedName& subject) {
  std::string text;
  for (const auto& name : subject) {
    for (const sys::NameAttribute& attribute : name) {
      if (!attribute.is_text || attribute.type != domain_component) continue;
      text += (text.empty() ? "DC=" : ",DC=") + attribute.value;
    }
  }
  return text;
}

}  // namespace nats::auth
