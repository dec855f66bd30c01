// One client connection and the epoll loop that serves all of them, in one thread.
//
// Loop::connect() makes the connection and does the handshake (INFO, CONNECT, PING, PONG) before it returns.
// After that bytes arrive only inside Loop::poll(), which hands them to the connection's Client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/load/frame.h"
#include "tools/load/tls.h"

namespace natstwin::load {

class Connection;
class Loop;

enum class Transport : std::uint8_t;

// What a connection is used for. Views in frames are valid only during the call.
class Client {
 public:
  virtual ~Client() = default;

  virtual void on_message(Connection& connection, const Frame& frame) = 0;
  // Messages with the header of the one before, whose payloads nobody needs. Only if takes_repeats().
  virtual void on_repeats(Connection&, std::size_t /*count*/) {}
  virtual bool takes_repeats() const { return false; }
  virtual void on_ping(Connection& connection);
  virtual void on_pong(Connection&) {}
};

class Connection {
 public:
  Connection(Loop& loop, int fd, Client& client);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Appends to the outbox, which the loop flushes before it waits.
  void send(std::string_view bytes);
  // Writes now what the socket takes, past an outbox that must be empty; says how much that was.
  std::size_t send_now(std::string_view bytes);
  bool flush();
  // The socket took less than it was given; poll() ends that.
  bool blocked() const { return wants_write_; }
  bool outbox_empty() const { return outbox_sent_ == outbox_.size(); }

  // PONGs received since the handshake.
  std::uint64_t pongs() const { return pongs_; }
  Client& client() { return client_; }

 private:
  friend class Loop;

  void read_some();
  void take_frames(std::string_view& in);
  void start_tls(const TlsContext& context);
  void handshake();

  Loop& loop_;
  int fd_;
  Client& client_;
  std::unique_ptr<TlsLink> tls_;  // null: plain
  FrameScanner scanner_;
  std::string carry_;  // an unfinished frame
  std::string outbox_;
  std::size_t outbox_sent_ = 0;
  std::uint64_t pongs_ = 0;
  bool wants_write_ = false;
  bool needs_flush_ = false;
};

class Loop {
 public:
  Loop(std::uint16_t port, Transport transport);
  // Plain.
  explicit Loop(std::uint16_t port);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Owned by the loop; lives until close(), which must not be called inside poll(), or the loop's end.
  Connection& connect(Client& client);
  void close(Connection& connection);

  // Flushes, waits for events at most `timeout_ns`, and reads once from every ready connection.
  void poll(std::uint64_t timeout_ns);
  // poll() until `done()`; Failure with `what` when that takes longer than `seconds`.
  template <class Done>
  void run_until(double seconds, std::string_view what, Done done) {
    const std::uint64_t give_up = deadline_after(seconds);
    while (!done()) wait_or_give_up(give_up, what);
  }
  // poll() for that long, whatever comes.
  void run_for(double seconds);
  // PING on each of these, and wait for all PONGs: what was sent before has then been handled.
  void barrier(const std::vector<Connection*>& connections);

 private:
  friend class Connection;

  static std::uint64_t deadline_after(double seconds);
  void wait_or_give_up(std::uint64_t give_up_ns, std::string_view what);
  void flush_all();
  void watch(Connection& connection, bool writable);

  std::uint16_t port_;
  int epoll_fd_;
  std::unique_ptr<TlsContext> tls_;  // null: plain
  std::vector<char> scratch_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> dirty_;
};

// A connection that only sends or only sits there: a message to it is a Failure.
class QuietClient : public Client {
 public:
  void on_message(Connection& connection, const Frame& frame) override;
};

// Allows this process and its children as many descriptors as the hard limit does.
void raise_descriptor_limit();

}  // namespace natstwin::load
