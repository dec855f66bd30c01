// Looks the host up if need be, then tries its addresses one after the other until the deadline.
#include "server/sys/real/real_connect.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cerrno>
#include <optional>

#include "server/base/ref.h"
#include "server/sys/real/address.h"
#include "server/sys/real/descriptor.h"
#include "server/sys/real/posix_error.h"
#include "server/sys/real/real_stream.h"

namespace nats::sys {

namespace {

namespace asio = boost::asio;
using AsioDescriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;
using Done = std::move_only_function<void(Result<std::unique_ptr<Stream>>)>;

// Kept alive by whatever it waits for: the worker's answer or the pending connect.
class Connector : public RefCounted<Connector>, private Timer {
 public:
  Connector(const Endpoint& to, RealLoop& loop, Done done) : to_(to), loop_(loop), done_(std::move(done)) {}

  void begin(WorkerPool& workers, Duration timeout);

 private:
  void on_timer(Instant now) override;
  void on_addresses(Result<std::vector<IpAddress>> addresses);
  void try_next();
  void on_connected_or_failed();
  void fail_attempt(std::string_view call, int error);
  void finish(Result<std::unique_ptr<Stream>> result);
  std::string attempt_text() const { return "dial tcp " + to_text(addresses_[next_ - 1].endpoint()); }

  Endpoint to_;
  RealLoop& loop_;
  Done done_;  // empty once called
  std::vector<IpAddress> addresses_;
  std::size_t next_ = 0;
  std::optional<AsioDescriptor> descriptor_;
  std::optional<Error> first_error_;
};

void Connector::begin(WorkerPool& workers, Duration timeout) {
  loop_.arm(*this, loop_.now() + timeout);
  if (IpAddress literal; parse_address(to_, literal)) {
    on_addresses(std::vector{literal});
    return;
  }
  auto found = std::make_unique<Result<std::vector<IpAddress>>>();
  auto& result = *found;
  workers.run([&result, to = to_] { result = resolve(to); }, loop_,
              [self = Ref(this), found = std::move(found)] { self->on_addresses(std::move(*found)); });
}

void Connector::on_addresses(Result<std::vector<IpAddress>> addresses) {
  if (!done_) return;  // timed out meanwhile
  if (!addresses) return finish(fail(addresses.error().code, "dial tcp: " + addresses.error().detail));
  addresses_ = std::move(*addresses);
  try_next();
}

void Connector::try_next() {
  if (next_ == addresses_.size()) return finish(std::unexpected<Error>(*first_error_));
  const IpAddress& address = addresses_[next_++];
  Descriptor socket(::socket(address.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail_attempt("socket", errno);
  SocketAddress target = to_socket_address(address);
  if (::connect(socket.number(), target.get(), target.length) != 0 && errno != EINPROGRESS)
    return fail_attempt("connect", errno);

  descriptor_.emplace(loop_.io());
  boost::system::error_code error;
  descriptor_->assign(socket.number(), error);
  if (error) return fail_attempt("epoll", error.value());
  socket.take_number();
  descriptor_->async_wait(AsioDescriptor::wait_write,
                          [self = Ref(this)](const boost::system::error_code& aborted) {
                            self->loop_.enter();
                            if (!aborted && self->done_) self->on_connected_or_failed();
                          });
}

void Connector::on_connected_or_failed() {
  Descriptor socket(descriptor_->release());
  descriptor_.reset();
  int error = 0;
  socklen_t length = sizeof(error);
  ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return fail_attempt("connect", error);
  finish(make_real_stream(loop_, std::move(socket), addresses_[next_ - 1]));
}

void Connector::fail_attempt(std::string_view call, int error) {
  if (!first_error_) first_error_ = errno_error(attempt_text() + ": " + std::string(call), error);
  try_next();
}

void Connector::on_timer(Instant) {
  std::string what = next_ == 0 ? "dial tcp: lookup " + to_.host : attempt_text();
  finish(fail(ErrorCode::timed_out, what + ": i/o timeout"));
}

void Connector::finish(Result<std::unique_ptr<Stream>> result) {
  Ref<Connector> self(this);
  loop_.disarm(*this);
  descriptor_.reset();
  Done done = std::move(done_);
  done_ = nullptr;
  done(std::move(result));
}

}  // namespace

void connect_real_stream(const Endpoint& to, RealLoop& loop, WorkerPool& workers, Duration timeout,
                         Done done) {
  Ref<Connector> connector(new Connector(to, loop, std::move(done)));
  // Posted, so that `done` never runs inside the caller's call.
  loop.post([connector, &workers, timeout] { connector->begin(workers, timeout); });
}

}  // namespace nats::sys
