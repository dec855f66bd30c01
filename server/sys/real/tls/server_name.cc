#include "server/sys/real/tls/server_name.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "server/base/bytes.h"

namespace nats::sys {
namespace {

constexpr std::size_t names_said_max = 100;
constexpr unsigned only_alternative_names =
    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;

std::string without_brackets(const std::string& host) {
  bool bracketed = host.size() >= 3 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

struct NamesDelete {
  void operator()(GENERAL_NAMES* names) const { ::GENERAL_NAMES_free(names); }
};

struct AlternativeNames {
  std::vector<std::string> hosts;
  std::vector<std::string> addresses;
  bool there = false;
};

std::string address_text(Bytes octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  int family = octets.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
  if (family == AF_INET6 && octets.size() != sizeof(in6_addr)) return "?";
  return ::inet_ntop(family, octets.data(), text.data(), text.size());
}

AlternativeNames read_alternative_names(X509& certificate) {
  AlternativeNames out;
  std::unique_ptr<GENERAL_NAMES, NamesDelete> names(
      static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  out.there = names != nullptr;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    auto value =
        static_cast<ASN1_STRING*>(::GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type != GEN_DNS && type != GEN_IPADD) continue;
    std::string octets(reinterpret_cast<const char*>(::ASN1_STRING_get0_data(value)),
                       static_cast<std::size_t>(::ASN1_STRING_length(value)));
    type == GEN_DNS ? out.hosts.push_back(octets) : out.addresses.push_back(address_text(octets));
  }
  return out;
}

// Who has no alternative names may still be called so in the subject.
bool common_name_fits(X509& certificate, const std::string& host, bool address) {
  if (!address) {
    return ::X509_check_host(&certificate, host.data(), host.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                             nullptr) == 1;
  }
  const X509_NAME* subject = ::X509_get_subject_name(&certificate);
  int last = -1;
  for (int at = -1; (at = ::X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) last = at;
  if (last < 0) return false;
  const ASN1_STRING* name = ::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(subject, last));
  return host == Bytes(reinterpret_cast<const char*>(::ASN1_STRING_get0_data(name)),
                       static_cast<std::size_t>(::ASN1_STRING_length(name)));
}

std::string valid_for(const std::vector<std::string>& names, const std::string& host) {
  constexpr std::string_view start = "x509: certificate is";
  if (names.empty()) return fmt::format("{} not valid for any names, but wanted to match {}", start, host);
  if (names.size() >= names_said_max)
    return fmt::format("{} valid for {} names, but none matched {}", start, names.size(), host);
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return fmt::format("{} valid for {}, not {}", start, list, host);
}

}  // namespace

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> octets{};
  std::string bare = without_brackets(host);
  return ::inet_pton(AF_INET, bare.c_str(), octets.data()) == 1 ||
         ::inet_pton(AF_INET6, bare.c_str(), octets.data()) == 1;
}

std::string server_name_problem(x509_st& certificate, const std::string& host) {
  bool address = is_address(host);
  std::string bare = address ? without_brackets(host) : host;
  bool fits = address ? ::X509_check_ip_asc(&certificate, bare.c_str(), 0) == 1
                      : ::X509_check_host(&certificate, bare.data(), bare.size(), only_alternative_names,
                                          nullptr) == 1;
  if (fits) return "";
  AlternativeNames names = read_alternative_names(certificate);
  bool legacy = !names.there && common_name_fits(certificate, bare, address);
  if (legacy) return "x509: certificate relies on legacy Common Name field, use SANs instead";
  if (!address) return valid_for(names.hosts, bare);
  if (!names.addresses.empty()) return valid_for(names.addresses, bare);
  return fmt::format("x509: cannot validate certificate for {} because it doesn't contain any IP SANs", bare);
}

}  // namespace nats::sys
