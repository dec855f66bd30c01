// Streams and listeners of the real ground against raw sockets: what the contract suite, which has
// our streams at both ends, cannot show.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>

#include "server/sys/real/descriptor.h"
#include "server/sys/real/real_ground.h"

namespace {
std::atomic<bool> counting_allocations = false;
std::atomic<long> allocation_count = 0;
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  if (counting_allocations.load(std::memory_order_relaxed)) ++allocation_count;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace nats::sys {
namespace {

// A server that gives back what it gets and says how each stream ended.
class EchoServer final : public AcceptHandler {
 public:
  explicit EchoServer(Endpoint at = {"127.0.0.1", 0}, int loops = 1)
      : ground_(std::move(*RealGround::open({.loops = loops}))) {
    auto listener = ground_->listen(at, ground_->loop(0), *this);
    EXPECT_TRUE(listener) << listener.error().detail;
    listener_ = std::move(*listener);
    thread_ = std::thread([this] { ground_->run(); });
  }
  ~EchoServer() { stop(); }

  void stop() {
    ground_->stop();
    if (thread_.joinable()) thread_.join();
  }

  RealGround& ground() { return *ground_; }
  Endpoint local() const { return listener_->local(); }
  std::atomic<int> ended = 0;
  std::atomic<int> accept_errors = 0;
  // Read after `ended` or `accept_errors` says so.
  Error last_end;
  Error last_accept_error;
  bool farewell = false;  // answer "bye" to the end of the peer's stream

  Loop& pick_loop() override { return ground_->loop(next_++ % ground_->loop_count()); }
  void on_accept(std::unique_ptr<Stream> stream) override {
    peers_.push_back(std::make_unique<Peer>(*this, std::move(stream)));
  }
  void on_accept_error(const Error& error) override {
    last_accept_error = error;
    ++accept_errors;
  }

 private:
  struct Peer final : StreamHandler {
    Peer(EchoServer& of, std::unique_ptr<Stream> with) : server(of), stream(std::move(with)) {
      stream->start(*this);
    }
    void on_bytes(Bytes in) override {
      Bytes pieces[] = {in};
      EXPECT_TRUE(stream->write(pieces));
    }
    void on_writable() override {}
    void on_end(const Error& reason) override {
      Bytes bye[] = {"bye"};
      if (server.farewell) {
        EXPECT_TRUE(stream->write(bye));
      }
      server.last_end = reason;
      stream.reset();
      ++server.ended;
    }
    EchoServer& server;
    std::unique_ptr<Stream> stream;
  };

  std::unique_ptr<RealGround> ground_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Peer>> peers_;
  int next_ = 0;
  std::thread thread_;
};

Descriptor dial(std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  return socket;
}

std::string ask(const Descriptor& socket, std::string_view text) {
  EXPECT_EQ(::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
  std::string answer(text.size(), '\0');
  ssize_t count = ::recv(socket.number(), answer.data(), answer.size(), MSG_WAITALL);
  answer.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return answer;
}

template <class Condition>
bool wait_for(Condition condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) return true;
    ::usleep(1000);
  }
  return false;
}

TEST(RealStream, APeerThatEndsItsHalfStillGetsAnswers) {
  EchoServer server;
  server.farewell = true;
  Descriptor client = dial(server.local().port);
  EXPECT_EQ(ask(client, "hello"), "hello");
  ::shutdown(client.number(), SHUT_WR);
  ASSERT_TRUE(wait_for([&] { return server.ended == 1; }));
  EXPECT_EQ(server.last_end.code, ErrorCode::end_of_stream);
  char bye[3];
  ASSERT_EQ(::recv(client.number(), bye, 3, MSG_WAITALL), 3);
  EXPECT_EQ(std::string(bye, 3), "bye");
}

TEST(RealStream, AResetIsWordedAsGoWordsIt) {
  EchoServer server;
  Descriptor client = dial(server.local().port);
  EXPECT_EQ(ask(client, "hello"), "hello");
  linger hard{1, 0};
  ::setsockopt(client.number(), SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
  client = Descriptor();
  ASSERT_TRUE(wait_for([&] { return server.ended == 1; }));
  EXPECT_EQ(server.last_end.code, ErrorCode::connection_reset);
  EXPECT_EQ(server.last_end.detail.find("read tcp 127.0.0.1:"), 0u) << server.last_end.detail;
  EXPECT_NE(server.last_end.detail.find(": read: connection reset by peer"), std::string::npos);
}

TEST(RealStream, RoundsAllocateNothingOnceWarm) {
  EchoServer server;
  Descriptor client = dial(server.local().port);
  for (int i = 0; i < 10; ++i) ask(client, "warm");
  allocation_count = 0;
  counting_allocations = true;
  for (int i = 0; i < 1000; ++i) {
    char text[4] = {'p', 'i', 'n', 'g'};
    ::send(client.number(), text, 4, MSG_NOSIGNAL);
    ::recv(client.number(), text, 4, MSG_WAITALL);
  }
  counting_allocations = false;
  EXPECT_EQ(allocation_count, 0);
}

TEST(RealStream, AnIdleConnectionCostsUnderAKilobyte) {
  EchoServer server;
  std::vector<Descriptor> clients;
  auto open = [&](int count) {
    for (int i = 0; i < count; ++i) {
      clients.push_back(dial(server.local().port));
      ASSERT_EQ(ask(clients.back(), "x"), "x");
    }
  };
  open(50);
  std::uint64_t before = server.ground().process().resource_use().resident_bytes;
  open(400);
  std::uint64_t after = server.ground().process().resource_use().resident_bytes;
  std::uint64_t each = after > before ? (after - before) / 400 : 0;
  RecordProperty("bytes_per_connection", static_cast<int>(each));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(each, 1024u);
#endif
}

TEST(RealListener, AnUnspecifiedAddressTakesBothFamiliesAsInGo) {
  for (const char* host : {"", "0.0.0.0", "::"}) {
    EchoServer server(Endpoint{host, 0});
    EXPECT_TRUE(server.local().host == "::" || server.local().host == "0.0.0.0") << server.local().host;
    Descriptor client = dial(server.local().port);
    EXPECT_EQ(ask(client, "four"), "four");
  }
}

TEST(RealListener, ANameResolvesAndAnUnknownOneIsWordedAsGoWordsIt) {
  EchoServer server(Endpoint{"localhost", 0});
  EXPECT_EQ(server.local().host, "127.0.0.1");
  auto ground = std::move(*RealGround::open({.loops = 1}));
  auto refused = ground->listen(Endpoint{"no-such-host.invalid", 4222}, ground->loop(0), server);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::host_unknown);
  EXPECT_EQ(refused.error().detail.find("listen tcp: lookup no-such-host.invalid"), 0u)
      << refused.error().detail;
}

TEST(RealListener, StreamsAreSpreadOverLoops) {
  EchoServer server(Endpoint{"127.0.0.1", 0}, 3);
  std::vector<Descriptor> clients;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(dial(server.local().port));
    EXPECT_EQ(ask(clients.back(), "hello"), "hello");
  }
  server.stop();
}

TEST(RealListener, RunningOutOfDescriptorsIsToldAndPasses) {
  EchoServer server;
  Descriptor early = dial(server.local().port);
  EXPECT_EQ(ask(early, "before"), "before");
  Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  rlimit limit;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit tight = limit;
  tight.rlim_cur = static_cast<rlim_t>(client.number()) + 1;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.local().port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(client.number(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  bool told = wait_for([&] { return server.accept_errors >= 2; });
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_TRUE(told);
  EXPECT_EQ(ask(client, "after"), "after");
  server.stop();
  EXPECT_EQ(server.last_accept_error.code, ErrorCode::limit_exceeded);
  EXPECT_EQ(server.last_accept_error.detail,
            "accept tcp 127.0.0.1:" + std::to_string(server.local().port) + ": accept4: too many open files");
}

}  // namespace
}  // namespace nats::sys
