#include "server/auth/credentials.h"

#include <algorithm>
#include <array>

#include "server/gojson/go_quote.h"

namespace nats::auth {
namespace {

constexpr std::string_view redacted = "[REDACTED]";

struct TypeName {
  std::string_view name;
  ConnectionType type;
};

constexpr std::array type_names{
    TypeName{"STANDARD", ConnectionType::standard},
    TypeName{"WEBSOCKET", ConnectionType::websocket},
    TypeName{"LEAFNODE", ConnectionType::leafnode},
    TypeName{"LEAFNODE_WS", ConnectionType::leafnode_ws},
    TypeName{"MQTT", ConnectionType::mqtt},
    TypeName{"MQTT_WS", ConnectionType::mqtt_ws},
    TypeName{"IN_PROCESS", ConnectionType::in_process},
};

char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::optional<ConnectionType> parse_connection_type(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), to_upper);
  for (const TypeName& row : type_names)
    if (row.name == upper) return row.type;
  return std::nullopt;
}

std::string_view authorized_user(const Credentials& credentials) {
  if (!credentials.nkey.empty()) return credentials.nkey;
  if (!credentials.user.empty()) return credentials.user;
  return credentials.token.empty() ? std::string_view{} : redacted;
}

std::string describe_user(const Credentials& credentials) {
  if (!credentials.nkey.empty()) return "Nkey " + gojson::go_quote(credentials.nkey);
  if (!credentials.user.empty()) return "User " + gojson::go_quote(credentials.user);
  return credentials.token.empty() ? "User \"N/A\"" : "Token \"[REDACTED]\"";
}

std::string user_label(const Credentials& credentials) {
  if (!credentials.nkey.empty()) return "nkey:" + credentials.nkey;
  if (!credentials.user.empty()) return "user:" + credentials.user;
  return credentials.token.empty() ? "" : "token";
}

std::string authentication_error_line(const Credentials& credentials) {
  std::string line = "authentication error";
  if (!authorized_user(credentials).empty()) line += " - " + describe_user(credentials);
  return line;
}

}  // namespace nats::auth
