#include "server/config/document.h"

#include <fmt/format.h>

#include "server/config/text.h"

namespace nats::config {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

std::string Spot::text() const { return fmt::format("{}:{}:{}", file ? *file : std::string(), line, column); }

std::string_view Token::type_name() const {
  return std::visit(Overloaded{[](bool) { return std::string_view("bool"); },
                               [](std::int64_t) { return std::string_view("int64"); },
                               [](double) { return std::string_view("float64"); },
                               [](const std::string&) { return std::string_view("string"); },
                               [](const Date&) { return std::string_view("time.Time"); },
                               [](Array*) { return std::string_view("[]interface {}"); },
                               [](Map*) { return std::string_view("map[string]interface {}"); }},
                    value);
}

std::string Token::text() const {
  // time.Time's String.
  auto date = [](const Date& v) {
    return fmt::format("{} {} +0000 UTC", std::string_view(v.text).substr(0, 10),
                       std::string_view(v.text).substr(11, 8));
  };
  auto array = [](const Array* v) {
    std::string out = "[";
    for (const Token& entry : *v) out += fmt::format("{}{}", out.size() > 1 ? " " : "", fmt::ptr(&entry));
    return out + "]";
  };
  auto map = [](const Map* v) {
    std::string out = "map[";
    for (const auto& [key, entry] : *v) {
      out += fmt::format("{}{}:{}", out.size() > 4 ? " " : "", key, fmt::ptr(&entry));
    }
    return out + "]";
  };
  return std::visit(Overloaded{[](bool v) { return std::string(v ? "true" : "false"); },
                               [](std::int64_t v) { return std::to_string(v); },
                               [](double v) { return text::float_text(v); },
                               [](const std::string& v) { return v; }, date, array, map},
                    value);
}

}  // namespace nats::config
