#include "server/gojson/document.h"

#include <limits>

#include "server/gojson/go_quote.h"
#include "server/gojson/utf8.h"

namespace nats::gojson {

// One pass over the text. Containers that are open stand on a stack; where_ says what may follow.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Document> run();

 private:
  enum class Where : std::uint8_t {
    value,          // a value must come
    first_element,  // a value or ']'
    first_key,      // a key or '}'
    key,
    colon,
    after_value,  // ',' or the end of what is open
  };

  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  Result<void> step();
  Result<void> value();
  Result<void> after_value();
  Result<void> key();
  Result<void> open(Kind kind, Where next);
  void close();
  Result<void> literal(std::string_view word, Kind kind, bool boolean);
  Result<void> number();
  Result<void> digits();
  Result<void> string();
  Result<void> escape();
  Result<void> unicode_escape();

  Document::Node& add(Kind kind);
  void skip_space();
  std::unexpected<Error> bad_character(std::string_view where) const;
  std::unexpected<Error> bad_escape(std::size_t size) const;
  static std::unexpected<Error> ended() { return fail(ErrorCode::malformed, "unexpected end of JSON input"); }
  bool at_end() const { return at_ >= text_.size(); }
  Kind open_kind() const { return out_.nodes_[open_.back()].kind; }

  std::string_view text_;
  std::size_t at_ = 0;
  Document out_;
  std::vector<std::uint32_t> open_;
  Where where_ = Where::value;
};

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_hex(std::string_view text) {
  for (char c : text)
    if (hex_value(c) < 0) return false;
  return true;
}

char32_t hex_number(std::string_view text) {
  char32_t number = 0;
  for (char c : text) number = number << 4 | static_cast<char32_t>(hex_value(c));
  return number;
}

// The code unit of a whole "\uXXXX" at the start of `text`, or none.
bool escaped_unit(std::string_view text, char32_t& unit) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u' || !is_hex(text.substr(2, 4))) return false;
  unit = hex_number(text.substr(2, 4));
  return true;
}

}  // namespace

Result<Document> Parser::run() {
  if (text_.size() >= none) return fail(ErrorCode::limit_exceeded, "JSON text too large");
  for (;;) {
    skip_space();
    if (where_ == Where::after_value && open_.empty()) break;
    if (at_end()) return ended();
    NATS_TRY_VOID(step());
  }
  if (!at_end()) return bad_character("after top-level value");
  return std::move(out_);
}

Result<void> Parser::step() {
  const char c = text_[at_];
  switch (where_) {
    case Where::first_element:
      if (c == ']') return close(), Result<void>{};
      [[fallthrough]];
    case Where::value:
      return value();
    case Where::first_key:
      if (c == '}') return close(), Result<void>{};
      [[fallthrough]];
    case Where::key:
      return key();
    case Where::colon:
      if (c != ':') return bad_character("after object key");
      ++at_;
      where_ = Where::value;
      return {};
    case Where::after_value:
      return after_value();
  }
  return {};
}

Result<void> Parser::value() {
  switch (text_[at_]) {
    case '{':
      return open(Kind::object, Where::first_key);
    case '[':
      return open(Kind::array, Where::first_element);
    case 't':
      return literal("true", Kind::boolean, true);
    case 'f':
      return literal("false", Kind::boolean, false);
    case 'n':
      return literal("null", Kind::null, false);
    case '"':
      where_ = Where::after_value;
      return string();
    default:
      if (text_[at_] == '-' || is_digit(text_[at_])) return number();
      return bad_character("looking for beginning of value");
  }
}

Result<void> Parser::key() {
  if (text_[at_] != '"') return bad_character("looking for beginning of object key string");
  where_ = Where::colon;
  return string();
}

Result<void> Parser::after_value() {
  const bool object = open_kind() == Kind::object;
  const char c = text_[at_];
  if (c == ',') {
    ++at_;
    where_ = object ? Where::key : Where::value;
    return {};
  }
  if (c == (object ? '}' : ']')) return close(), Result<void>{};
  return bad_character(object ? "after object key:value pair" : "after array element");
}

Result<void> Parser::open(Kind kind, Where next) {
  if (open_.size() >= Document::depth_max) return fail(ErrorCode::malformed, "exceeded max depth");
  ++at_;
  open_.push_back(static_cast<std::uint32_t>(out_.nodes_.size()));
  add(kind);
  where_ = next;
  return {};
}

void Parser::close() {
  ++at_;
  out_.nodes_[open_.back()].next = static_cast<std::uint32_t>(out_.nodes_.size());
  open_.pop_back();
  where_ = Where::after_value;
}

Result<void> Parser::literal(std::string_view word, Kind kind, bool boolean) {
  for (char expected : word) {
    if (at_end()) return ended();
    if (text_[at_] != expected)
      return bad_character("in literal " + std::string(word) + " (expecting '" + expected + "')");
    ++at_;
  }
  add(kind).boolean = boolean;
  where_ = Where::after_value;
  return {};
}

Result<void> Parser::digits() {
  if (at_end()) return ended();
  if (!is_digit(text_[at_])) return bad_character("in numeric literal");
  while (!at_end() && is_digit(text_[at_])) ++at_;
  return {};
}

Result<void> Parser::number() {
  const std::size_t begin = at_;
  if (text_[at_] == '-') ++at_;
  if (!at_end() && text_[at_] == '0') {
    ++at_;
  } else {
    NATS_TRY_VOID(digits());
  }
  if (!at_end() && text_[at_] == '.') {
    ++at_;
    NATS_TRY_VOID(digits());
  }
  if (!at_end() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (!at_end() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
    NATS_TRY_VOID(digits());
  }
  Document::Node& node = add(Kind::number);
  node.text_size = static_cast<std::uint32_t>(at_ - begin);
  out_.text_.append(text_, begin, at_ - begin);
  where_ = Where::after_value;
  return {};
}

// Decodes the string at at_ into a new node.
Result<void> Parser::string() {
  ++at_;
  const std::size_t node = out_.nodes_.size();
  add(Kind::string);
  for (;;) {
    const std::size_t begin = at_;
    while (!at_end() && text_[at_] >= ' ' && text_[at_] != '"' && text_[at_] != '\\') ++at_;
    out_.text_.append(text_, begin, at_ - begin);
    if (at_end()) return ended();
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c == '"') break;
    if (c == '\\') {
      NATS_TRY_VOID(escape());
    } else if (c < ' ') {
      return bad_character("in string");
    } else {
      const Rune rune = decode_rune(text_.substr(at_));
      append_rune(out_.text_, rune.value);
      at_ += rune.size;
    }
  }
  ++at_;
  out_.nodes_[node].text_size = static_cast<std::uint32_t>(out_.text_.size() - out_.nodes_[node].text_at);
  return {};
}

Result<void> Parser::escape() {
  if (text_.size() - at_ < 2) return ended();
  char plain = 0;
  switch (text_[at_ + 1]) {
    case '"':
      plain = '"';
      break;
    case '\\':
      plain = '\\';
      break;
    case '/':
      plain = '/';
      break;
    case 'b':
      plain = '\b';
      break;
    case 'f':
      plain = '\f';
      break;
    case 'n':
      plain = '\n';
      break;
    case 'r':
      plain = '\r';
      break;
    case 't':
      plain = '\t';
      break;
    case 'u':
      return unicode_escape();
    default:
      return bad_escape(2);
  }
  out_.text_ += plain;
  at_ += 2;
  return {};
}

Result<void> Parser::unicode_escape() {
  const std::string_view rest = text_.substr(at_);
  char32_t unit = 0;
  if (!escaped_unit(rest, unit)) {
    if (rest.size() < 6 && is_hex(rest.substr(2))) return ended();
    return bad_escape(6);
  }
  at_ += 6;
  char32_t low = 0;
  if (unit >= 0xD800 && unit < 0xDC00 && escaped_unit(rest.substr(6), low) && low >= 0xDC00 && low < 0xE000) {
    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    at_ += 6;
  }
  append_rune(out_.text_, unit);
  return {};
}

Document::Node& Parser::add(Kind kind) {
  Document::Node& node = out_.nodes_.emplace_back();
  node.kind = kind;
  node.text_at = static_cast<std::uint32_t>(out_.text_.size());
  node.next = static_cast<std::uint32_t>(out_.nodes_.size());
  return node;
}

void Parser::skip_space() {
  while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
    ++at_;
}

std::unexpected<Error> Parser::bad_character(std::string_view where) const {
  return fail(ErrorCode::malformed,
              "invalid character " + go_quote_rune(text_.substr(at_)) + " " + std::string(where));
}

std::unexpected<Error> Parser::bad_escape(std::size_t size) const {
  const std::string_view what = text_.substr(at_, size);
  const bool plain = what.find('`') == what.npos && what.find(' ') == what.npos && go_printable(what);
  const std::string shown = plain ? "`" + std::string(what) + "`" : go_quote(what);
  return fail(ErrorCode::malformed, "invalid escape sequence " + shown + " in string");
}

Result<Document> Document::parse(std::string_view text) { return Parser(text).run(); }

std::string_view Value::text() const {
  return std::string_view(document_->text_).substr(node().text_at, node().text_size);
}

bool Value::find(std::string_view name, Value& found) const {
  if (kind() != Kind::object) return false;
  bool seen = false;
  for (Value key = first(); key != end(); key = key.next().next()) {
    if (key.text() != name) continue;
    found = key.next();
    seen = true;
  }
  return seen;
}

}  // namespace nats::gojson
