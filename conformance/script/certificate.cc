#include "conformance/script/certificate.h"

#include <algorithm>
#include <array>
#include <utility>

namespace natstwin::script {
namespace {

using Unexpected = std::unexpected<std::string>;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool is_address(std::string_view text) {
  return text.find(':') != std::string_view::npos ||
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// "/C=US/DC=a+O=b/CN=a"; "/" is a subject without parts.
std::expected<void, std::string> read_subject(std::string_view text, Certificate& certificate) {
  if (!text.starts_with('/')) return Unexpected("subject is written '/C=US/CN=a'");
  for (std::string_view name : split(text.substr(1), '/')) {
    bool joins = false;
    for (std::string_view part : split(name, '+')) {
      const auto equals = part.find('=');
      if (equals == std::string_view::npos || equals == 0)
        return Unexpected("'" + std::string(part) + "' is no TYPE=value of a subject");
      certificate.subject.emplace_back(std::string(part.substr(0, equals)),
                                       std::string(part.substr(equals + 1)), std::exchange(joins, true));
    }
  }
  return {};
}

struct Flag {
  std::string_view word;
  bool Certificate::*member;
};
constexpr std::array flags{
    Flag{"authority", &Certificate::authority},       Flag{"chain", &Certificate::chain},
    Flag{"expired", &Certificate::expired},           Flag{"must-staple", &Certificate::must_staple},
    Flag{"ocsp-signing", &Certificate::ocsp_signing}, Flag{"rsa", &Certificate::rsa},
};

std::expected<void, std::string> read_flag(std::string_view word, Certificate& certificate) {
  const auto flag = std::ranges::find(flags, word, &Flag::word);
  if (flag != flags.end()) {
    certificate.*flag->member = true;
    return {};
  }
  std::string known;
  for (const Flag& each : flags) known += std::string(each.word) + " ";
  return Unexpected("'" + std::string(word) + "' is none of " + known +
                    "issuer= cn= san= email= uri= subject= ocsp=");
}

std::expected<void, std::string> read_setting(std::string_view key, std::string_view value,
                                              const std::vector<Certificate>& known,
                                              Certificate& certificate) {
  if (key == "issuer") {
    if (std::ranges::find(known, value, &Certificate::name) == known.end())
      return Unexpected("no certificate '" + std::string(value) + "' above");
    certificate.issuer = value;
  } else if (key == "ocsp") {
    if (value.empty()) return Unexpected("ocsp=PORT needs the name of a port");
    certificate.ocsp = value;
  } else if (key == "cn") {
    certificate.subject.emplace_back("CN", std::string(value));
  } else if (key == "subject") {
    return read_subject(value, certificate);
  } else if (key == "san") {
    for (std::string_view name : split(value, ','))
      certificate.alternative_names.push_back((is_address(name) ? "IP:" : "DNS:") + std::string(name));
  } else if (key == "email" || key == "uri") {
    for (std::string_view name : split(value, ','))
      certificate.alternative_names.push_back((key == "uri" ? "URI:" : "email:") + std::string(name));
  } else {
    return read_flag(key, certificate);
  }
  return {};
}

}  // namespace

std::expected<Certificate, std::string> read_certificate(std::string_view name,
                                                         const std::vector<std::string>& words,
                                                         const std::vector<Certificate>& known) {
  if (name.empty() || name.find_first_of("/.=") != std::string_view::npos) return Unexpected("needs a name");
  if (std::ranges::find(known, name, &Certificate::name) != known.end())
    return Unexpected("'" + std::string(name) + "' stands twice");
  Certificate certificate;
  certificate.name = name;
  bool has_subject = false;
  for (const std::string& word : words) {
    has_subject = has_subject || word.starts_with("subject=");
    const auto equals = word.find('=');
    const auto read = equals == std::string::npos
                          ? read_flag(word, certificate)
                          : read_setting(std::string_view(word).substr(0, equals),
                                         std::string_view(word).substr(equals + 1), known, certificate);
    if (!read) return Unexpected(read.error());
  }
  if (certificate.subject.empty() && !has_subject) certificate.subject.emplace_back("CN", std::string(name));
  return certificate;
}

}  // namespace natstwin::script
