#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "server/auth/session_access.h"
#include "server/config/options.h"

namespace {

// "allow|allow/deny|deny/subject|subject": lists, and what is asked of them.
std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  while (true) {
    std::size_t at = text.find(by);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

// Deciding is total; a cached answer is the answer; what may be subscribed as a literal may be
// delivered.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nats;
  auto parts = split({reinterpret_cast<const char*>(data), size}, '/');
  parts.resize(3);
  config::SubjectPermission lists{split(parts[0], '|'), split(parts[1], '|')};
  config::Permissions configured{lists, lists, std::nullopt};
  auto permissions = auth::Permissions::build(configured);
  auth::SessionAccess access;
  access.reset(permissions);
  for (const std::string& asked : split(parts[2], '|')) {
    std::size_t blank = asked.find(' ');
    std::string subject = asked.substr(0, blank);
    std::string queue = blank == std::string::npos ? "" : asked.substr(blank + 1);
    bool allowed = access.may_publish(subject, {});
    if (allowed != access.may_publish(subject, {})) std::abort();
    if (allowed != permissions->may_publish(subject)) std::abort();
    auto decision = access.may_subscribe(subject, queue);
    if (decision != auth::SubscribeDecision::denied && !permissions->may_deliver(subject, queue))
      std::abort();
  }
  return 0;
}
