// The network of a simulated world: hosts, listeners, connections, and what may befall them.
//
// TCP is simulated as what an application can see of it: bytes in order, in any portions; a bounded
// amount under way; FIN, RST, silence. A partition holds segments back, since TCP would repeat them.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/sys/ground.h"
#include "server/sys/sim/sim_core.h"
#include "server/sys/sim/sim_loop.h"

namespace nats::sys {

using SimConnectDone = std::move_only_function<void(Result<std::unique_ptr<Stream>>)>;

// What happens to a connection that a test breaks.
enum class Break : std::uint8_t {
  reset,      // both ends get RST
  half_open,  // the first end gets RST, the second is never told anything again
};

class SimNetwork {
 public:
  explicit SimNetwork(SimCore& core);
  ~SimNetwork();

  // Hosts outlive the grounds that run on them.
  std::uint32_t add_host(std::string name, std::string address);
  static constexpr std::uint32_t no_host = 0xffffffff;
  // By name or address; no_host when there is none.
  std::uint32_t find_host(std::string_view name_or_address) const;
  const std::string& address(std::uint32_t host) const { return hosts_[host].address; }
  void host_up(std::uint32_t host);
  // The power goes: peers are told nothing, listeners and connections are gone.
  void host_down(std::uint32_t host);
  // The process ends: its kernel closes what it held.
  void process_ended(std::uint32_t host);

  Result<std::unique_ptr<Listener>> listen(const Endpoint& at, SimLoop& loop, AcceptHandler& accept);
  void connect(const Endpoint& to, SimLoop& loop, Duration timeout, SimConnectDone done);

  // From the event loop and from loops' rounds.
  void on_event(const Event& event);
  void serve(const ReadyItem& item, SimLoop& loop);

  // Nemesis. Directions are blocked one by one.
  void block(std::uint32_t from, std::uint32_t to) { blocked_.insert({from, to}); }
  void unblock(std::uint32_t from, std::uint32_t to);
  void unblock_all();
  // Breaks every connection between two hosts; `first` is the first end.
  std::size_t break_connections(std::uint32_t first, std::uint32_t second, Break how);
  // Breaks one drawn by chance among all; false when there is none.
  bool break_one(Break how);
  std::size_t connection_count() const { return connections_.size() - free_connections_.size(); }

 private:
  friend class SimStream;
  friend class SimListener;

  struct Host {
    std::string name;
    std::string address;
    bool up = false;
    std::uint16_t next_port = 32768;
    std::map<std::uint16_t, std::uint32_t> listeners;  // by port
  };

  struct ListenerState {
    std::uint32_t generation = 0;
    std::uint32_t host = 0;
    bool open = false;
    bool ready = false;
    Endpoint local;
    SimLoop* loop = nullptr;
    AcceptHandler* accept = nullptr;
    std::deque<std::uint32_t> backlog;  // sides
  };

  // Bytes on their way to one side: sent, of which the first `arrived` may be read.
  struct Pipe {
    std::vector<char> bytes;
    std::size_t head = 0;
    std::size_t arrived = 0;
    std::size_t capacity = 0;
    Instant last_arrival;
    // Held back by a partition.
    bool parked = false;
    bool parked_end = false;
    bool parked_reset = false;
    bool parked_space = false;
    std::size_t parked_bytes = 0;

    std::size_t unread() const { return bytes.size() - head; }
    std::size_t space() const { return capacity > unread() ? capacity - unread() : 0; }
  };

  // One end of a connection.
  struct Side {
    std::uint32_t host = 0;
    std::uint16_t port = 0;
    SimLoop* loop = nullptr;
    StreamHandler* handler = nullptr;  // null before start() and after on_end
    Pipe in;
    bool held = false;    // a Stream object exists, or the backlog holds it
    bool open = false;    // the kernel of its host knows it
    bool silent = false;  // not open, and answers nothing
    bool paused = false;
    bool ready = false;  // in its loop's list
    bool wants_writable = false;
    bool writable_due = false;
    bool end_due = false;
    bool reset_due = false;
  };

  struct Connection {
    std::uint32_t generation = 0;
    Duration latency;
    bool used = false;
    bool loopback = false;
    Side sides[2];
  };

  struct Attempt;

  Connection& connection_of(std::uint32_t side) { return *connections_[side / 2]; }
  Side& side_at(std::uint32_t side) { return connections_[side / 2]->sides[side % 2]; }
  static std::uint32_t peer_of(std::uint32_t side) { return side ^ 1; }
  bool current(const ReadyItem& item) const;
  bool is_blocked(std::uint32_t from, std::uint32_t to) const {
    return !blocked_.empty() && blocked_.contains({from, to});
  }

  // Connections.
  std::uint32_t make_connection(std::uint32_t source, std::uint32_t target, std::uint16_t target_port);
  void open_side(Side& side, std::uint32_t host, std::uint16_t port);
  std::unique_ptr<Stream> make_stream(std::uint32_t side);
  std::uint16_t next_port(std::uint32_t host);
  void free_if_forgotten(std::uint32_t side);
  Duration draw_latency(std::uint32_t a, std::uint32_t b);
  Duration draw_delay(const Connection& connection);
  Endpoint endpoint_of(std::uint32_t side) const;
  std::string route_text(std::uint32_t side);

  // What a Stream does.
  void start(std::uint32_t side, StreamHandler& handler);
  void resume(std::uint32_t side);
  Result<std::size_t> write(std::uint32_t side, std::span<const Bytes> pieces);
  void want_writable(std::uint32_t side);
  void release(std::uint32_t side);

  // Segments.
  void send(std::uint32_t from_side, EventKind kind, std::uint32_t amount = 0);
  void send_bytes(std::uint32_t from_side, std::size_t amount);
  void park(Pipe& pipe, const Event& event);
  void on_bytes_arrive(std::uint32_t side, std::size_t amount);
  void on_end_arrives(std::uint32_t side);
  void on_reset_arrives(std::uint32_t side);
  void on_space(std::uint32_t side);
  void unpark(std::uint32_t side);
  void unpark_where_open();
  // Closes one end as its kernel does: FIN, or RST when something was left unread.
  void close_by_kernel(std::uint32_t side, bool abort);

  bool breakable(std::uint32_t slot) const;
  void break_connection(std::uint32_t side, Break how);

  // Rounds.
  void make_ready_if_due(std::uint32_t side);
  void serve_side(std::uint32_t side);
  void serve_listener(std::uint32_t number);
  void read_once(std::uint32_t side);
  void take_read(Side& side, std::size_t amount);
  void finish(std::uint32_t side, const Error& reason);

  // Listening and connecting.
  void close_listener(std::uint32_t number, std::uint32_t generation);
  void close_listener_now(ListenerState& listener);
  void hand_over(ReadyItem side, ReadyItem listener, SimLoop& home);
  std::uint32_t listener_for(std::uint32_t host, std::uint16_t port, bool loopback) const;
  void drop_listeners(std::uint32_t host);
  void attempt_arrives(const std::shared_ptr<Attempt>& attempt);
  void answer(Attempt& attempt, Result<std::unique_ptr<Stream>> result);

  SimCore& core_;
  std::vector<Host> hosts_;
  std::map<std::string, std::uint32_t, std::less<>> host_by_name_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> blocked_;
  std::vector<std::unique_ptr<ListenerState>> listeners_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::uint32_t> free_connections_;
  std::vector<char> read_buffer_;
};

}  // namespace nats::sys
