#include "server/config/parser.h"

#include <fmt/core.h>

#include <charconv>
#include <set>
#include <variant>

#include "server/base/check.h"
#include "server/config/lexer.h"
#include "server/config/text.h"
#include "server/gojson/utf8.h"
#include "server/sys/files.h"

namespace nats::config {
namespace {

// The reference dies of a file that includes itself; we report it.
constexpr int include_depth_max = 128;

constexpr std::string_view bcrypt_prefix = "2a$";
constexpr std::string_view environment_key = "pk";

// What all files and environment values of one configuration share.
struct Shared {
  Document& document;
  sys::Files& files;
  const Environment& environment;
  // Environment variables being expanded.
  std::set<std::string, std::less<>> expanding;
  int include_depth = 0;
};

std::optional<std::int64_t> suffix_factor(std::string_view suffix) {
  if (suffix.empty()) return 1;
  std::size_t power = std::string_view("kmgtpe").find(suffix.front()) + 1;
  std::string_view unit = suffix.substr(1);
  std::int64_t base = unit.empty() ? 1000 : 1024;
  if (!unit.empty() && unit != "b" && unit != "i" && unit != "ib") return std::nullopt;
  std::int64_t factor = 1;
  for (std::size_t i = 0; i < power; ++i) factor *= base;
  return factor;
}

int days_in_month(int year, int month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// "2006-01-02T15:04:05Z", whose shape the lexer has checked but for the kind of its digits.
bool is_date(std::string_view text) {
  if (text.size() != 20) return false;
  auto field = [&](std::size_t at, std::size_t size) {
    int value = 0;
    auto [end, error] = std::from_chars(text.data() + at, text.data() + at + size, value);
    return error == std::errc{} && end == text.data() + at + size ? value : -1;
  };
  int year = field(0, 4), month = field(5, 2), day = field(8, 2);
  int hour = field(11, 2), minute = field(14, 2), second = field(17, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59;
}

class Parser {
 public:
  // `bare`: the text of an environment variable, whose values stand nowhere.
  Parser(std::string_view text, std::string_view name, bool bare, Shared& shared)
      : lexer_(text), shared_(shared), bare_(bare), name_(shared.document.new_file_name(name)) {}

  Result<Map*> run();

 private:
  using Context = std::variant<Map*, Array*>;
  struct Key {
    std::string name;
    int line;
    int column;
  };

  Result<void> take(Item& item);
  Result<void> integer(const Item& item);
  Result<void> floating(const Item& item);
  Result<void> variable(const Item& item);
  Result<void> include(const Item& item);
  Result<std::optional<Token>> look_up(std::string_view name);
  Result<std::optional<Token>> look_up_environment(std::string_view name);
  void set(const Item& item, Value value);
  void place(Token token);
  Context close();

  Lexer lexer_;
  Shared& shared_;
  bool bare_;
  const std::string* name_;
  std::vector<Context> contexts_;
  std::vector<Key> keys_;
};

Result<Map*> Parser::run() {
  Map* root = shared_.document.new_map();
  contexts_.push_back(root);
  bool key_is_last = false;
  for (;;) {
    Item item = lexer_.next();
    if (item.kind == ItemKind::end) {
      // A last "}" belongs to outer braces in the style of JSON.
      if (!key_is_last) return root;
      return fail(ErrorCode::malformed,
                  fmt::format("config is invalid ({}:{}:{})", *name_, item.line, item.column));
    }
    key_is_last = item.kind == ItemKind::key && item.text != "}";
    NATS_TRY_VOID(take(item));
  }
}

Result<void> Parser::take(Item& item) {
  switch (item.kind) {
    case ItemKind::error:
      return fail(ErrorCode::malformed, fmt::format("Parse error on line {}: '{}'", item.line, item.text));
    case ItemKind::key:
      keys_.push_back({std::move(item.text), item.line, item.column});
      break;
    case ItemKind::map_start:
      contexts_.push_back(shared_.document.new_map());
      break;
    case ItemKind::array_start:
      contexts_.push_back(shared_.document.new_array());
      break;
    case ItemKind::map_end:
    case ItemKind::array_end: {
      Context closed = close();
      if (auto* map = std::get_if<Map*>(&closed)) {
        set(item, *map);
      } else {
        set(item, std::get<Array*>(closed));
      }
      break;
    }
    case ItemKind::string:
      set(item, std::move(item.text));
      break;
    case ItemKind::boolean: {
      std::string word = text::lower(item.text);
      set(item, word == "true" || word == "yes" || word == "on");
      break;
    }
    case ItemKind::integer:
      return integer(item);
    case ItemKind::floating:
      return floating(item);
    case ItemKind::datetime: {
      if (!is_date(item.text)) {
        return fail(ErrorCode::malformed,
                    fmt::format("expected Zulu formatted DateTime, but got '{}'", item.text));
      }
      set(item, Date{std::move(item.text)});
      break;
    }
    case ItemKind::variable:
      return variable(item);
    case ItemKind::include:
      return include(item);
    case ItemKind::comment:
    case ItemKind::end:
      break;
  }
  return {};
}

Parser::Context Parser::close() {
  // The lexer closes only what it has opened.
  NATS_CHECK(contexts_.size() > 1);
  Context closed = contexts_.back();
  contexts_.pop_back();
  return closed;
}

void Parser::set(const Item& item, Value value) {
  place({std::move(value), {name_, item.line, item.column}, false, bare_});
}

void Parser::place(Token token) {
  Context& context = contexts_.back();
  if (auto* array = std::get_if<Array*>(&context)) {
    (*array)->push_back(std::move(token));
    return;
  }
  NATS_CHECK(!keys_.empty());
  Key key = std::move(keys_.back());
  keys_.pop_back();
  token.spot.line = key.line;
  token.spot.column = key.column;
  std::get<Map*>(context)->insert_or_assign(std::move(key.name), std::move(token));
}

// A suffix such as "kbb" sets nothing, and nobody complains: the reference's way.
Result<void> Parser::integer(const Item& item) {
  std::string_view text = item.text;
  std::size_t digits = 0;
  for (std::size_t at = 0; at < text.size();) {
    gojson::Rune rune = gojson::decode_rune(text.substr(at));
    if (!text::is_digit(rune.value) && rune.value != '-') break;
    at += rune.size;
    ++digits;
  }
  Result<std::int64_t> number = text::parse_int(text.substr(0, digits));
  if (!number) {
    const char* format = number.error().code == ErrorCode::limit_exceeded ? "integer '{}' is out of the range"
                                                                          : "expected integer, but got '{}'";
    return fail(ErrorCode::malformed, fmt::format(fmt::runtime(format), text));
  }
  std::optional<std::int64_t> factor =
      suffix_factor(text::lower(text::trim(text.substr(std::min(digits, text.size())))));
  // Products wrap as Go's do.
  if (factor) {
    set(item,
        static_cast<std::int64_t>(static_cast<std::uint64_t>(*number) * static_cast<std::uint64_t>(*factor)));
  }
  return {};
}

Result<void> Parser::floating(const Item& item) {
  double number = 0;
  const std::string& text = item.text;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) {
    return fail(ErrorCode::malformed, fmt::format("float '{}' is out of the range", text));
  }
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(ErrorCode::malformed, fmt::format("expected float, but got '{}'", text));
  }
  set(item, number);
  return {};
}

Result<void> Parser::variable(const Item& item) {
  Result<std::optional<Token>> found = look_up(item.text);
  if (!found) {
    return fail(ErrorCode::malformed,
                fmt::format("variable reference for '{}' on line {} could not be parsed: {}", item.text,
                            item.line, found.error().detail));
  }
  if (!*found) {
    return fail(ErrorCode::malformed,
                fmt::format("variable reference for '{}' on line {} can not be found", item.text, item.line));
  }
  set(item, std::move((*found)->value));
  return {};
}

Result<std::optional<Token>> Parser::look_up(std::string_view name) {
  if (name.starts_with(bcrypt_prefix)) {
    return Token{Value(fmt::format("${}", name)), {}, false, false};
  }
  for (auto context = contexts_.rbegin(); context != contexts_.rend(); ++context) {
    auto* map = std::get_if<Map*>(&*context);
    if (!map) continue;
    auto found = (*map)->find(name);
    if (found == (*map)->end()) continue;
    found->second.used_variable = true;
    return found->second;
  }
  return look_up_environment(name);
}

Result<std::optional<Token>> Parser::look_up_environment(std::string_view name) {
  auto [expanding, inserted] = shared_.expanding.emplace(name);
  if (!inserted) {
    return fail(ErrorCode::malformed, fmt::format("variable reference cycle for '{}'", name));
  }
  struct Leave {
    Shared& shared;
    std::string name;
    ~Leave() { shared.expanding.erase(name); }
  } leave{shared_, std::string(name)};
  std::optional<std::string> text = shared_.environment ? shared_.environment(name) : std::nullopt;
  if (!text) return std::nullopt;
  std::string line = fmt::format("{}={}", environment_key, *text);
  Map* map = NATS_TRY(Parser(line, "", true, shared_).run());
  auto found = map->find(environment_key);
  if (found == map->end()) return std::nullopt;
  return found->second;
}

Result<void> Parser::include(const Item& item) {
  auto wrong = [&](std::string_view reason) {
    return fail(ErrorCode::malformed, fmt::format("error parsing include file '{}', {}", item.text, reason));
  };
  if (shared_.include_depth >= include_depth_max) return wrong("includes are nested too deep");
  std::string path = text::path_join(text::path_directory(*name_), item.text);
  Result<std::string> text = sys::read_file(shared_.files, path);
  if (!text) {
    return wrong((bare_ ? "error opening config file: " : "") + text::file_error_text(path, text.error()));
  }
  ++shared_.include_depth;
  Result<Map*> map = Parser(*text, path, bare_, shared_).run();
  --shared_.include_depth;
  if (!map) return wrong(map.error().detail);
  for (const auto& [key, token] : **map) {
    keys_.push_back({key, token.spot.line, token.spot.column});
    place(token);
  }
  return {};
}

}  // namespace

Result<Document> parse_text(std::string_view text, std::string_view name, sys::Files& files,
                            const Environment& environment) {
  Document document;
  Shared shared{document, files, environment, {}, 0};
  Map* root = NATS_TRY(Parser(text, name, false, shared).run());
  document.set_root(root);
  return document;
}

Result<Document> parse_file(std::string_view path, sys::Files& files, const Environment& environment) {
  Result<std::string> text = sys::read_file(files, path);
  if (!text) return fail(text.error().code, text::file_error_text(path, text.error()));
  return parse_text(*text, path, files, environment);
}

}  // namespace nats::config
