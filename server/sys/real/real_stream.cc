// Readiness comes from Asio, bytes are moved by recv and sendmsg themselves: so all streams of a loop
// share one read buffer, and an idle connection costs this object and Asio's descriptor only.
//
// The Stream that the owner holds is a thin handle on a counted core. A pending wait holds the core
// too, so the owner may destroy the stream at any moment; the core then forgets its handler.
#include "server/sys/real/real_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cerrno>

#include "server/base/check.h"
#include "server/base/ref.h"
#include "server/sys/real/operation_slot.h"
#include "server/sys/real/posix_error.h"

namespace nats::sys {

namespace {

namespace asio = boost::asio;
using AsioDescriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

// A peer that sends without end gets this many buffers of one round, then others have their turn.
constexpr int reads_per_event_max = 4;
constexpr std::size_t pieces_per_write_max = 256;

class StreamCore : public RefCounted<StreamCore> {
 public:
  StreamCore(RealLoop& loop, const IpAddress& remote)
      : loop_(loop), descriptor_(loop.io()), remote_(remote) {}

  Result<void> assign(Descriptor socket);
  void start(StreamHandler& handler);
  void pause_reading() { paused_ = true; }
  void resume_reading();
  Result<std::size_t> write(std::span<const Bytes> pieces);
  void want_writable();
  void close();

  RealLoop& loop() const { return loop_; }
  const IpAddress& remote() const { return remote_; }
  int number() { return descriptor_.native_handle(); }

 private:
  enum class Wait : bool { read, write };

  struct WaitHandler {
    using allocator_type = SlotAllocator<char>;
    Ref<StreamCore> core;
    Wait wait;

    allocator_type get_allocator() const { return allocator_type(core->slot_of(wait)); }
    void operator()(const boost::system::error_code& error) const;
  };

  OperationSlot& slot_of(Wait wait) { return wait == Wait::read ? read_slot_ : *write_slot_; }
  void wait_readable();
  void on_readable();
  void on_writable();
  void read_available();
  void end(int error);

  RealLoop& loop_;
  AsioDescriptor descriptor_;
  StreamHandler* handler_ = nullptr;  // null before start(), after on_end and after close()
  OperationSlot read_slot_;
  std::unique_ptr<OperationSlot> write_slot_;  // few connections ever wait to write
  IpAddress remote_;
  bool paused_ = false;
  bool waiting_to_read_ = false;
  bool waiting_to_write_ = false;
};

void StreamCore::WaitHandler::operator()(const boost::system::error_code&) const {
  // An error of the wait itself means the descriptor was closed; any other shows in recv.
  core->loop_.enter();
  if (wait == Wait::read) {
    core->on_readable();
  } else {
    core->on_writable();
  }
}

Result<void> StreamCore::assign(Descriptor socket) {
  int on = 1;
  ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  boost::system::error_code error;
  descriptor_.assign(socket.number(), error);
  if (error) return fail_errno("epoll", error.value());
  socket.take_number();
  return {};
}

void StreamCore::start(StreamHandler& handler) {
  NATS_CHECK(!handler_);
  handler_ = &handler;
  wait_readable();
}

void StreamCore::resume_reading() {
  paused_ = false;
  if (handler_) wait_readable();
}

void StreamCore::wait_readable() {
  if (paused_ || waiting_to_read_) return;
  waiting_to_read_ = true;
  descriptor_.async_wait(AsioDescriptor::wait_read, WaitHandler{Ref(this), Wait::read});
}

void StreamCore::on_readable() {
  waiting_to_read_ = false;
  if (!handler_ || paused_) return;  // resume_reading() waits anew
  read_available();
  if (handler_) wait_readable();
}

void StreamCore::read_available() {
  for (int count = 0; count < reads_per_event_max; ++count) {
    ssize_t got = ::recv(number(), loop_.read_buffer(), RealLoop::read_buffer_size, MSG_DONTWAIT);
    if (got <= 0) {
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      return end(got == 0 ? 0 : errno);
    }
    handler_->on_bytes(Bytes(loop_.read_buffer(), static_cast<std::size_t>(got)));
    bool more = static_cast<std::size_t>(got) == RealLoop::read_buffer_size;
    if (!more || !handler_ || paused_) return;
  }
}

void StreamCore::end(int error) {
  StreamHandler* handler = std::exchange(handler_, nullptr);
  if (error == 0) return handler->on_end(Error{ErrorCode::end_of_stream, "EOF"});
  std::string what = "read tcp " + to_text(local_address(number()).endpoint()) + "->" +
                     to_text(remote_.endpoint()) + ": read";
  handler->on_end(errno_error(what, error));
}

Result<std::size_t> StreamCore::write(std::span<const Bytes> pieces) {
  iovec vectors[pieces_per_write_max];
  std::size_t total = 0;
  while (!pieces.empty()) {
    std::size_t count = std::min(pieces.size(), pieces_per_write_max);
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < count; ++i) {
      vectors[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
      wanted += pieces[i].size();
    }
    msghdr message{};
    message.msg_iov = vectors;
    message.msg_iovlen = count;
    ssize_t sent = ::sendmsg(number(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EAGAIN || errno == EINTR) return total;
      if (total > 0) return total;  // the next write meets the error again
      std::string what = "write tcp " + to_text(local_address(number()).endpoint()) + "->" +
                         to_text(remote_.endpoint()) + ": write";
      return fail_errno(what, errno);
    }
    total += static_cast<std::size_t>(sent);
    if (static_cast<std::size_t>(sent) < wanted) return total;
    pieces = pieces.subspan(count);
  }
  return total;
}

void StreamCore::want_writable() {
  if (waiting_to_write_) return;
  waiting_to_write_ = true;
  if (!write_slot_) write_slot_ = std::make_unique<OperationSlot>();
  descriptor_.async_wait(AsioDescriptor::wait_write, WaitHandler{Ref(this), Wait::write});
}

void StreamCore::on_writable() {
  waiting_to_write_ = false;
  if (handler_) handler_->on_writable();
}

void StreamCore::close() {
  handler_ = nullptr;
  boost::system::error_code ignored;  // the descriptor is gone either way
  descriptor_.close(ignored);
}

class RealStream final : public Stream {
 public:
  explicit RealStream(Ref<StreamCore> core) : core_(std::move(core)) {}
  ~RealStream() override { core_->close(); }

  void start(StreamHandler& handler) override { core_->start(handler); }
  void pause_reading() override { core_->pause_reading(); }
  void resume_reading() override { core_->resume_reading(); }
  Result<std::size_t> write(std::span<const Bytes> pieces) override { return core_->write(pieces); }
  void want_writable() override { core_->want_writable(); }
  Endpoint local() const override { return local_address(core_->number()).endpoint(); }
  Endpoint remote() const override { return core_->remote().endpoint(); }
  Loop& loop() const override { return core_->loop(); }

 private:
  Ref<StreamCore> core_;
};

}  // namespace

Result<std::unique_ptr<Stream>> make_real_stream(RealLoop& loop, Descriptor socket, const IpAddress& remote) {
  Ref<StreamCore> core(new StreamCore(loop, remote));
  NATS_TRY_VOID(core->assign(std::move(socket)));
  return std::make_unique<RealStream>(std::move(core));
}

}  // namespace nats::sys
