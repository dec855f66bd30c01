// Mutants of monitoring answers.
#include <algorithm>
#include <array>

#include "conformance/mutate/mutants.h"

namespace natstwin::mutate {

namespace {

using Choice = std::uint64_t;

template <Edit (*edit)(std::string_view, std::uint64_t)>
bool body(HttpAnswer& answer, Choice choice) {
  auto changed = edit(answer.body, choice);
  if (!changed || *changed == answer.body) return false;
  answer.body = std::move(*changed);
  return true;
}

bool status(HttpAnswer& answer, Choice) {
  const std::size_t space = answer.status_line.find(' ');
  if (space == std::string::npos || answer.status_line.size() < space + 4) return false;
  char& digit = answer.status_line[space + 3];
  digit = digit == '0' ? '1' : '0';
  return true;
}
bool reason_phrase(HttpAnswer& answer, Choice) {
  answer.status_line += "!";
  return true;
}
bool http_version(HttpAnswer& answer, Choice) {
  if (!answer.status_line.starts_with("HTTP/1.1")) return false;
  answer.status_line[7] = '0';
  return true;
}

// Framing and the date have their own rules.
std::string* a_header(HttpAnswer& answer, Choice choice) {
  std::vector<std::string*> fitting;
  for (std::string& header : answer.headers) {
    const auto starts = [&](std::string_view name) { return header.starts_with(name); };
    if (!starts("Content-Length") && !starts("Transfer-Encoding") && !starts("Date"))
      fitting.push_back(&header);
  }
  return fitting.empty() ? nullptr : fitting[choice % fitting.size()];
}
bool header_value(HttpAnswer& answer, Choice choice) {
  std::string* header = a_header(answer, choice);
  if (header == nullptr) return false;
  *header += "x";
  return true;
}
bool header_case(HttpAnswer& answer, Choice choice) {
  std::string* header = a_header(answer, choice);
  if (header == nullptr || header->empty()) return false;
  (*header)[0] = static_cast<char>((*header)[0] ^ 0x20);
  return true;
}
bool header_missing(HttpAnswer& answer, Choice choice) {
  std::string* header = a_header(answer, choice);
  if (header == nullptr) return false;
  answer.headers.erase(answer.headers.begin() + (header - answer.headers.data()));
  return true;
}
bool header_added(HttpAnswer& answer, Choice) {
  answer.headers.emplace_back("X-Mutant: 1");
  return true;
}
bool date_missing(HttpAnswer& answer, Choice) {
  return std::erase_if(answer.headers,
                       [](const std::string& header) { return header.starts_with("Date:"); }) > 0;
}
bool date_shape(HttpAnswer& answer, Choice) {
  for (std::string& header : answer.headers) {
    if (!header.starts_with("Date:") || !header.ends_with("GMT")) continue;
    header.replace(header.size() - 3, 3, "UTC");
    return true;
  }
  return false;
}
bool body_truncated(HttpAnswer& answer, Choice) {
  if (answer.body.empty()) return false;
  answer.body.resize(answer.body.size() / 2);
  return true;
}
bool body_empty(HttpAnswer& answer, Choice) {
  if (answer.body.empty()) return false;
  answer.body.clear();
  return true;
}
bool body_newline(HttpAnswer& answer, Choice) {
  answer.body += '\n';
  return true;
}
bool body_compact(HttpAnswer& answer, Choice) {
  const std::size_t before = answer.body.size();
  std::erase(answer.body, '\n');
  return answer.body.size() != before;
}

constexpr Mutant http(std::string_view name, std::string_view what, bool (*change)(HttpAnswer&, Choice)) {
  return Mutant{name, what, "HTTP", FrameFate::change, nullptr, change};
}

constexpr std::array table{
    http("http-status", "another status", status),
    http("http-reason", "another reason phrase", reason_phrase),
    http("http-version", "HTTP/1.0", http_version),
    http("http-header-value", "another header value", header_value),
    http("http-header-case", "a header in another case", header_case),
    http("http-header-missing", "a header is missing", header_missing),
    http("http-header-added", "a header more", header_added),
    http("http-date-missing", "no Date", date_missing),
    http("http-date-shape", "the Date in another form", date_shape),
    http("http-body-truncated", "half of the body", body_truncated),
    http("http-body-empty", "no body", body_empty),
    http("http-body-newline", "a newline more", body_newline),
    http("http-body-compact", "no line breaks", body_compact),
    http("http-field-missing", "a field is missing", body<drop_member>),
    http("http-field-added", "a field more", body<add_member>),
    http("http-order", "two fields change places", body<swap_members>),
    http("http-key-case", "a key in another case", body<change_key_case>),
    http("http-number", "a number is off by one", body<add_one>),
    http("http-number-spelling", "1.0 for 1", body<spell_number_otherwise>),
    http("http-number-type", "a number in quotes", body<quote_number>),
    http("http-bool", "true for false", body<flip_bool>),
    http("http-string", "a longer string", body<change_string>),
    http("http-null", "null for a value", body<put_null>),
    http("http-empty-null", "null for an empty list, or the reverse", body<empty_to_null>),
    http("http-element-missing", "an element of a list is missing", body<drop_element>),
    http("http-element-twice", "an element of a list comes twice", body<repeat_element>),
    http("http-spacing", "other spaces", body<change_spacing>),
};

}  // namespace

std::span<const Mutant> http_mutants() { return table; }

std::span<const Mutant> mutants() {
  static const std::vector<Mutant> all = [] {
    std::vector<Mutant> out(frame_mutants().begin(), frame_mutants().end());
    out.insert(out.end(), http_mutants().begin(), http_mutants().end());
    return out;
  }();
  return all;
}

const Mutant* find_mutant(std::string_view name) {
  const auto found = std::ranges::find(mutants(), name, &Mutant::name);
  return found == mutants().end() ? nullptr : &*found;
}

}  // namespace natstwin::mutate
