#include "server/app/syslog.h"

#include <fmt/core.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

#include "server/config/url.h"
#include "server/gojson/go_quote.h"
#include "server/gojson/time_text.h"

namespace nats::app {

namespace {

using sys::MessageTransport;

constexpr int facility_kernel = 0, facility_daemon = 3 << 3;
// Where a daemon may listen on this machine.
constexpr std::array<const char*, 3> local_paths{"/dev/log", "/var/run/syslog", "/var/run/log"};

int severity_of(LogLevel level) {
  switch (level) {
    case LogLevel::fatal:
      return 2;
    case LogLevel::error:
      return 3;
    case LogLevel::warning:
      return 4;
    case LogLevel::info:
    case LogLevel::trace:
      return 5;
    case LogLevel::debug:
      return 7;
  }
  return 5;
}

std::unexpected<Error> fail_connecting(ErrorCode code, std::string_view reason) {
  return fail(code, "error connecting to syslog: " + gojson::go_quote(reason));
}

Result<std::unique_ptr<sys::MessageSender>> open_local(sys::Ground& ground) {
  for (MessageTransport transport : {MessageTransport::unix_datagram, MessageTransport::unix_stream})
    for (const char* path : local_paths)
      if (auto sender = ground.connect_message_sender(transport, path)) return sender;
  return fail_connecting(ErrorCode::not_found, "Unix syslog delivery error");
}

struct Remote {
  MessageTransport transport;
  std::string address;
};

Result<Remote> parse_remote(const std::string& text) {
  const config::Url url = NATS_TRY(config::parse_url(text));
  if (url.scheme == "udp") return Remote{MessageTransport::udp, url.host};
  if (url.scheme == "tcp") return Remote{MessageTransport::tcp, url.host};
  if (url.scheme == "unix") return Remote{MessageTransport::unix_stream, url.path};
  return fail(ErrorCode::invalid_argument, "error invalid network type: " + gojson::go_quote(url.scheme));
}

std::string last_part(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace

Syslog::Syslog(sys::Ground& ground, int facility, bool local, std::unique_ptr<sys::MessageSender> sender)
    : ground_(ground),
      facility_(facility),
      local_(local),
      host_(ground.process().host_name()),
      tag_(fmt::format("{}[{}]: ", last_part(ground.process().invocation_name()), ground.process().pid())),
      sender_(std::move(sender)) {}

Result<std::unique_ptr<Syslog>> Syslog::open(sys::Ground& ground, const std::string& remote) {
  if (remote.empty()) {
    auto sender = NATS_TRY(open_local(ground));
    return std::unique_ptr<Syslog>(new Syslog(ground, facility_daemon, true, std::move(sender)));
  }
  const Remote to = NATS_TRY(parse_remote(remote));
  auto sender = ground.connect_message_sender(to.transport, to.address);
  if (!sender) return fail_connecting(sender.error().code, sender.error().detail);
  const bool local = to.transport == MessageTransport::unix_stream;
  return std::unique_ptr<Syslog>(new Syslog(ground, facility_kernel, local, std::move(*sender)));
}

void Syslog::write(LogLevel level, std::string_view message) {
  const WallTime now = ground_.wall_now();
  const Duration offset = ground_.utc_offset(now);
  const std::string host = host_.empty() ? sender_->local_address() : host_;
  sender_->send(
      syslog_message(facility_ | severity_of(level), now + offset, offset, local_, host, tag_, message));
}

std::string syslog_message(int priority, WallTime local_time, Duration utc_offset, bool local,
                           std::string_view host, std::string_view tag, std::string_view text) {
  std::string out = fmt::format("<{}>", priority);
  if (local) {
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::chrono::sys_seconds seconds{
        std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(local_time.unix_ns))};
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{seconds - day};
    out += fmt::format("{} {:>2} {:02}:{:02}:{:02} ", months[static_cast<unsigned>(date.month()) - 1],
                       static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
  } else {
    const std::int64_t ns = local_time.unix_ns - utc_offset.ns;
    constexpr std::int64_t second = 1'000'000'000;
    out += gojson::rfc3339_nano({ns - (ns % second + second) % second}, utc_offset);
    out += fmt::format(" {} ", host);
  }
  out.append(tag).append(text);
  if (!text.ends_with('\n')) out += '\n';
  return out;
}

}  // namespace nats::app
