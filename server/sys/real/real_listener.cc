// Accepts on its own loop, in batches, and hands each socket to the loop that the AcceptHandler picks.
#include "server/sys/real/real_listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cerrno>

#include "server/base/ref.h"
#include "server/sys/real/address.h"
#include "server/sys/real/descriptor.h"
#include "server/sys/real/posix_error.h"
#include "server/sys/real/real_stream.h"

namespace nats::sys {

namespace {

namespace asio = boost::asio;
using AsioDescriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

constexpr int accepts_per_event_max = 64;
constexpr int backlog_max = 65535;  // the kernel lowers it to somaxconn, as it does for Go
constexpr Duration pause_min = Duration::from_ms(10);
constexpr Duration pause_max = Duration::from_seconds(1);

// Shared by the Listener, its pending wait, its pause timer and the sockets on their way to other
// loops, so its count is atomic and its end may come on any of them.
class ListenerCore : public RefCounted<ListenerCore>, private Timer {
 public:
  ListenerCore(RealLoop& loop, AcceptHandler& accept)
      : loop_(loop), accept_(accept), descriptor_(loop.io()) {}

  Result<void> open(const IpAddress& address, std::string_view what);
  void wait_acceptable();
  void close();
  const Endpoint& local() const { return local_; }
  RealLoop& loop() const { return loop_; }

 private:
  void on_timer(Instant) override { wait_acceptable(); }
  void accept_waiting();
  void hand_over(Descriptor socket, const IpAddress& remote);
  void arrive(RealLoop& home, Descriptor socket, const IpAddress& remote);
  void pause_after(int error);

  RealLoop& loop_;
  AcceptHandler& accept_;
  AsioDescriptor descriptor_;
  Endpoint local_;
  Duration pause_ = pause_min;
  std::atomic<bool> closed_{false};
};

Result<void> ListenerCore::open(const IpAddress& address, std::string_view what) {
  Descriptor socket(::socket(address.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno(std::string(what) + ": socket", errno);
  int on = 1;
  int v6_only = address.wildcard() ? 0 : 1;
  ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.v6) ::setsockopt(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only));

  SocketAddress bound = to_socket_address(address);
  if (::bind(socket.number(), bound.get(), bound.length) != 0)
    return fail_errno(std::string(what) + ": bind", errno);
  if (::listen(socket.number(), backlog_max) != 0) return fail_errno(std::string(what) + ": listen", errno);
  local_ = local_address(socket.number()).endpoint();

  boost::system::error_code error;
  descriptor_.assign(socket.number(), error);
  if (error) return fail_errno(what, error.value());
  socket.take_number();
  return {};
}

void ListenerCore::wait_acceptable() {
  if (closed_) return;
  descriptor_.async_wait(AsioDescriptor::wait_read, [self = Ref(this)](const boost::system::error_code&) {
    self->loop_.enter();
    if (!self->closed_) self->accept_waiting();
  });
}

void ListenerCore::accept_waiting() {
  for (int count = 0; count < accepts_per_event_max; ++count) {
    SocketAddress remote;
    Descriptor socket(
        ::accept4(descriptor_.native_handle(), remote.get(), &remote.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      if (errno == EAGAIN) break;
      // The peer went away before it was accepted; the next in the queue may be well.
      if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
      return pause_after(errno);
    }
    pause_ = pause_min;
    hand_over(std::move(socket), to_ip_address(remote));
    if (closed_) return;
  }
  wait_acceptable();
}

void ListenerCore::hand_over(Descriptor socket, const IpAddress& remote) {
  auto& home = static_cast<RealLoop&>(accept_.pick_loop());
  if (&home == &loop_) return arrive(home, std::move(socket), remote);
  home.post([self = Ref(this), &home, socket = std::move(socket), remote]() mutable {
    self->arrive(home, std::move(socket), remote);
  });
}

void ListenerCore::arrive(RealLoop& home, Descriptor socket, const IpAddress& remote) {
  if (closed_) return;
  auto stream = make_real_stream(home, std::move(socket), remote);
  if (stream) {
    accept_.on_accept(std::move(*stream));
  } else {
    accept_.on_accept_error(stream.error());
  }
}

void ListenerCore::pause_after(int error) {
  Error reason = errno_error("accept tcp " + to_text(local_) + ": accept4", error);
  loop_.arm(*this, loop_.now() + pause_);
  pause_ = std::min(pause_ * 2, pause_max);
  accept_.on_accept_error(reason);
}

void ListenerCore::close() {
  closed_ = true;
  loop_.disarm(*this);
  boost::system::error_code ignored;  // the descriptor is gone either way
  descriptor_.close(ignored);
}

class RealListener final : public Listener {
 public:
  explicit RealListener(Ref<ListenerCore> core) : core_(std::move(core)) {}
  ~RealListener() override { core_->close(); }
  Endpoint local() const override { return core_->local(); }

 private:
  Ref<ListenerCore> core_;
};

bool system_has_ipv6() {
  Descriptor probe(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!probe) return false;
  IpAddress loopback;
  loopback.v6 = true;
  loopback.bytes[15] = 1;
  SocketAddress address = to_socket_address(loopback);
  return ::bind(probe.number(), address.get(), address.length) == 0;
}

// As Go's net.Listen("tcp"): any unspecified address, also 0.0.0.0, takes both families when the
// system has IPv6.
IpAddress address_to_bind(IpAddress asked) {
  if (asked.wildcard()) asked.v6 = system_has_ipv6();
  return asked;
}

}  // namespace

Result<std::unique_ptr<Listener>> make_real_listener(const Endpoint& at, RealLoop& loop,
                                                     AcceptHandler& accept) {
  auto addresses = resolve(at);
  if (!addresses) return fail(addresses.error().code, "listen tcp: " + addresses.error().detail);
  IpAddress address = address_to_bind(addresses->front());
  Endpoint shown = at.host.empty() ? Endpoint{"", at.port} : addresses->front().endpoint();

  Ref<ListenerCore> core(new ListenerCore(loop, accept));
  NATS_TRY_VOID(core->open(address, "listen tcp " + to_text(shown)));
  if (loop.running() && !loop.on_this_loop()) {
    loop.post([core] { core->wait_acceptable(); });
  } else {
    core->wait_acceptable();
  }
  return std::make_unique<RealListener>(std::move(core));
}

}  // namespace nats::sys
