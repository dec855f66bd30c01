#include "server/sys/real/real_message_sender.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "server/sys/real/address.h"
#include "server/sys/real/posix_error.h"

namespace nats::sys {

namespace {

constexpr int connect_patience_ms = 5000;
constexpr timeval send_patience{1, 0};

bool is_unix(MessageTransport transport) {
  return transport == MessageTransport::unix_datagram || transport == MessageTransport::unix_stream;
}

bool is_stream(MessageTransport transport) {
  return transport == MessageTransport::unix_stream || transport == MessageTransport::tcp;
}

std::string_view network_name(MessageTransport transport) {
  switch (transport) {
    case MessageTransport::unix_datagram:
      return "unixgram";
    case MessageTransport::unix_stream:
      return "unix";
    case MessageTransport::udp:
      return "udp";
    case MessageTransport::tcp:
      return "tcp";
  }
  return "";
}

std::string dial_error(MessageTransport transport, std::string_view address, std::string_view reason) {
  return "dial " + std::string(network_name(transport)) + " " + std::string(address) + ": " +
         std::string(reason);
}

// Connects within the patience that we have.
Result<Descriptor> connect_to(MessageTransport transport, int family, const sockaddr* to, socklen_t length,
                              std::string_view shown) {
  const int type = is_stream(transport) ? SOCK_STREAM : SOCK_DGRAM;
  Descriptor socket(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  auto refused = [&](std::string_view call, int error) -> Result<Descriptor> {
    return fail(errno_code(error),
                dial_error(transport, shown, std::string(call) + ": " + errno_text(error)));
  };
  if (!socket) return refused("socket", errno);
  if (::connect(socket.number(), to, length) != 0) {
    if (errno != EINPROGRESS) return refused("connect", errno);
    pollfd wait{socket.number(), POLLOUT, 0};
    if (::poll(&wait, 1, connect_patience_ms) <= 0)
      return fail(ErrorCode::timed_out, dial_error(transport, shown, "i/o timeout"));
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return refused("connect", error);
  }
  ::fcntl(socket.number(), F_SETFL, ::fcntl(socket.number(), F_GETFL) & ~O_NONBLOCK);
  ::setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &send_patience, sizeof send_patience);
  return socket;
}

std::unexpected<Error> fail_address(MessageTransport transport, const std::string& reason) {
  return fail(ErrorCode::invalid_argument, "dial " + std::string(network_name(transport)) + ": " + reason);
}

Result<Descriptor> open_unix(MessageTransport transport, const std::string& path) {
  if (path.empty()) return fail_address(transport, "missing address");
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.size() >= sizeof to.sun_path)
    return fail(ErrorCode::invalid_argument, dial_error(transport, path, "connect: invalid argument"));
  std::memcpy(to.sun_path, path.data(), path.size());
  return connect_to(transport, AF_UNIX, reinterpret_cast<const sockaddr*>(&to), sizeof to, path);
}

// "host:port", "[v6]:port", both of which may be empty.
Result<Endpoint> split(MessageTransport transport, const std::string& address) {
  if (address.empty()) return fail_address(transport, "missing address");
  const std::size_t colon = address.rfind(':');
  const bool bracketed = address.starts_with('[');
  const std::size_t bracket = bracketed ? address.rfind(']') : address.npos;
  if (colon == address.npos || (bracketed && (bracket == address.npos || colon < bracket)))
    return fail_address(transport, "address " + address + ": missing port in address");
  if (!bracketed && address.find(':') != colon)
    return fail_address(transport, "address " + address + ": too many colons in address");
  Endpoint endpoint;
  endpoint.host = bracketed ? address.substr(1, bracket - 1) : address.substr(0, colon);
  const std::string port = address.substr(colon + 1);
  if (!port.empty() &&
      std::from_chars(port.data(), port.data() + port.size(), endpoint.port).ec != std::errc())
    return fail_address(transport, "address " + port + ": invalid port");
  return endpoint;
}

Result<Descriptor> open_inet(MessageTransport transport, const std::string& address) {
  Endpoint endpoint = NATS_TRY(split(transport, address));
  const bool nobody_named = endpoint.host.empty();
  if (nobody_named) endpoint.host = "127.0.0.1";
  Result<std::vector<IpAddress>> found = resolve(endpoint);
  if (!found) return fail_address(transport, found.error().detail);
  Result<Descriptor> opened = fail(ErrorCode::host_unknown);
  for (const IpAddress& ip : *found) {
    const SocketAddress to = to_socket_address(ip);
    const std::string shown = nobody_named ? ":" + std::to_string(endpoint.port) : to_text(ip.endpoint());
    opened = connect_to(transport, to.get()->sa_family, to.get(), to.length, shown);
    if (opened) break;
  }
  return opened;
}

Result<Descriptor> open_socket(MessageTransport transport, const std::string& address) {
  return is_unix(transport) ? open_unix(transport, address) : open_inet(transport, address);
}

bool send_whole(int socket, std::string_view message) {
  while (!message.empty()) {
    const ssize_t count = ::send(socket, message.data(), message.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    message.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<MessageSender>> RealMessageSender::connect(MessageTransport transport,
                                                                  const std::string& address) {
  Descriptor socket = NATS_TRY(open_socket(transport, address));
  return std::unique_ptr<MessageSender>(new RealMessageSender(transport, address, std::move(socket)));
}

RealMessageSender::RealMessageSender(MessageTransport transport, std::string address, Descriptor socket)
    : transport_(transport), address_(std::move(address)), socket_(std::move(socket)) {
  if (!is_unix(transport)) local_address_ = to_text(sys::local_address(socket_.number()).endpoint());
  thread_ = std::thread([this] { run(); });
}

RealMessageSender::~RealMessageSender() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void RealMessageSender::send(std::string message) {
  {
    std::lock_guard lock(mutex_);
    if (waiting_octets_ + message.size() > waiting_octets_max) return;
    waiting_octets_ += message.size();
    waiting_.push_back(std::move(message));
  }
  changed_.notify_one();
}

void RealMessageSender::run() {
  std::optional<std::chrono::steady_clock::time_point> give_up;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !waiting_.empty() || ending_; });
    if (ending_ && !give_up) give_up = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    if (waiting_.empty() || (give_up && std::chrono::steady_clock::now() > *give_up)) return;
    const std::string message = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_octets_ -= message.size();
    lock.unlock();
    send_now(message);
    lock.lock();
  }
}

// What cannot be sent over a new connection either is lost, as with the reference.
void RealMessageSender::send_now(const std::string& message) {
  if (socket_ && send_whole(socket_.number(), message)) return;
  socket_ = {};
  Result<Descriptor> again = open_socket(transport_, address_);
  if (!again) return;
  socket_ = std::move(*again);
  if (!send_whole(socket_.number(), message)) socket_ = {};
}

}  // namespace nats::sys
