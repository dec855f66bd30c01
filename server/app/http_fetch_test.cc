// HttpFetch on a simulated network, where every read and write may be cut.
#include "server/app/http_fetch.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <vector>

#include "server/sys/sim/sim_world.h"

namespace nats::app {
namespace {

constexpr Duration timeout = Duration::from_seconds(2);

// One connection of the server's: it goes on as long as the network lets it.
struct Connection final : sys::StreamHandler {
  explicit Connection(std::unique_ptr<sys::Stream> made) : stream(std::move(made)) {}

  void on_bytes(Bytes in) override {
    received.append(in);
    on_request(*this);
  }
  void on_writable() override { send({}); }
  void on_end(const Error&) override { stream.reset(); }
  void send(Bytes text) {
    pending.append(text);
    std::array<Bytes, 1> pieces{pending};
    Result<std::size_t> written = stream->write(pieces);
    if (!written) return;  // on_end tells
    pending.erase(0, *written);
    if (!pending.empty()) stream->want_writable();
  }

  std::unique_ptr<sys::Stream> stream;
  std::string received, pending;
  std::function<void(Connection&)> on_request;
};

struct Acceptor final : sys::AcceptHandler {
  using Accepted = std::function<void(std::unique_ptr<sys::Stream>)>;
  Acceptor(sys::Loop& on, Accepted then) : loop(on), accepted(std::move(then)) {}

  sys::Loop& pick_loop() override { return loop; }
  void on_accept(std::unique_ptr<sys::Stream> stream) override { accepted(std::move(stream)); }
  void on_accept_error(const Error& error) override { ADD_FAILURE() << error.detail; }

  sys::Loop& loop;
  Accepted accepted;
};

// A client's host, and one that answers what it is asked for with `answers`, one after the other.
struct Town {
  explicit Town(std::uint64_t seed = 1) : world({.seed = seed}) {
    client = world.make_ground({.name = "client", .loops = 1});
    server = world.make_ground({.name = "ca", .loops = 1});
    acceptor = std::make_unique<Acceptor>(server->loop(0), [this](std::unique_ptr<sys::Stream> stream) {
      Connection& peer = *peers.emplace_back(std::make_unique<Connection>(std::move(stream)));
      peer.on_request = [this](Connection& asked) { answer(asked); };
      peer.stream->start(peer);
    });
    listener = std::move(*server->listen({"0.0.0.0", 80}, server->loop(0), *acceptor));
  }

  // Once the whole request is there.
  void answer(Connection& peer) {
    std::size_t head = peer.received.find("\r\n\r\n");
    if (head == std::string::npos) return;
    bool post = peer.received.starts_with("POST");
    if (post && !peer.received.ends_with("question")) return;
    requests.push_back(std::exchange(peer.received, {}));
    if (next < answers.size()) peer.send(answers[next++]);
  }

  void ask(HttpQuestion question) {
    outcome.reset();
    fetch = HttpFetch::start(*client, client->loop(0), std::move(question), timeout,
                             [this](Result<HttpReply> reply) { outcome = std::move(reply); });
  }
  std::string ask_and_wait(HttpQuestion question) {
    ask(std::move(question));
    if (!world.run_until([this] { return outcome.has_value(); }, Duration::from_seconds(10)))
      return "nothing";
    if (!*outcome) return outcome->error().detail;
    return std::to_string((*outcome)->status) + " " + (*outcome)->body;
  }
  std::string get(const std::string& url) { return ask_and_wait({.url = url}); }

  sys::SimWorld world;
  std::unique_ptr<sys::SimGround> client, server;
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<sys::Listener> listener;
  std::vector<std::unique_ptr<Connection>> peers;
  std::vector<std::string> answers;
  std::size_t next = 0;
  std::vector<std::string> requests;
  std::unique_ptr<HttpFetch> fetch;
  std::optional<Result<HttpReply>> outcome;
};

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(HttpFetch, GivesTheAnswerHoweverItIsCut) {
  const std::string body(70'000, 'x');
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Town town(seed);
    town.answers = {ok(body), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"};
    ASSERT_EQ(town.get("http://ca/x?y=1#z"), "200 " + body) << "seed " << seed;
    EXPECT_TRUE(town.requests[0].starts_with("GET /x?y=1 HTTP/1.1\r\nHost: ca\r\n")) << town.requests[0];
    ASSERT_EQ(town.ask_and_wait({true, "http://ca", "a/b", "c/d", "question"}), "200 abc") << "seed " << seed;
    EXPECT_TRUE(town.requests[1].starts_with("POST / HTTP/1.1\r\n")) << town.requests[1];
    EXPECT_NE(town.requests[1].find("Content-Length: 8\r\nAccept: c/d\r\nContent-Type: a/b\r\n"),
              std::string::npos);
  }
}

TEST(HttpFetch, FollowsRedirectsTenTimes) {
  Town town;
  auto moved = [](const std::string& code, const std::string& to) {
    return "HTTP/1.1 " + code + " Moved\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n";
  };
  town.answers = {moved("302", "/a/b"), moved("307", "c"), moved("308", "http://ca/d"), ok("here")};
  EXPECT_EQ(town.ask_and_wait({true, "http://ca/x", "", "", "question"}), "200 here");
  std::vector<std::string> lines;
  for (const std::string& request : town.requests) lines.push_back(request.substr(0, request.find(" HTTP")));
  EXPECT_EQ(lines, (std::vector<std::string>{"POST /x", "GET /a/b", "GET /a/c", "GET /d"}));
  town.answers.assign(20, moved("301", "/again"));
  town.next = 0;
  EXPECT_EQ(town.get("http://ca/x"), R"(Get "http://ca/again": stopped after 10 redirects)");
}

TEST(HttpFetch, SaysWhatIsWrongAsGoDoes) {
  Town town;
  EXPECT_EQ(town.get("ftp://ca/x"), R"(Get "ftp://ca/x": unsupported protocol scheme "ftp")");
  EXPECT_EQ(town.get("http://"), R"(Get "http://": http: no Host in request URL)");
  EXPECT_EQ(town.get("https://ca:80/x"), R"(Get "https://ca:80/x": no TLS on this ground)");
  EXPECT_EQ(town.get("http://ca:81/x"),
            R"(Get "http://ca:81/x": dial tcp 10.0.0.2:81: connect: connection refused)");
  town.answers = {"no HTTP at all\r\n\r\n"};
  EXPECT_EQ(town.get("http://ca/x"), R"(Get "http://ca/x": net/http: HTTP/1.x transport connection broken: )"
                                     R"(malformed HTTP response "no HTTP at all")");
}

TEST(HttpFetch, GivesUpOnSilence) {
  Town town;  // it has no answer
  Instant begun = town.world.now();
  EXPECT_EQ(town.get("http://ca/x"), R"(Get "http://ca/x": context deadline exceeded )"
                                     R"((Client.Timeout exceeded while awaiting headers))");
  EXPECT_GE((town.world.now() - begun).ns, timeout.ns);
  town.answers = {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"};
  EXPECT_EQ(town.get("http://ca/x"),
            "context deadline exceeded (Client.Timeout or context cancellation while reading body)");
  town.world.partition("client", "ca");
  EXPECT_EQ(town.get("http://ca/x"), R"(Get "http://ca/x": context deadline exceeded )"
                                     R"((Client.Timeout exceeded while awaiting headers))");
}

// Whatever the network does at whatever moment, there is one outcome within the limit.
TEST(HttpFetch, EndsOnceUnderFaults) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Town town(seed);
    town.answers.assign(10, ok(std::string(20'000, 'x')));
    town.ask({.url = "http://ca/x"});
    town.world.run_for(Duration{static_cast<std::int64_t>(town.world.random().below(4'000'000))});
    switch (seed % 4) {
      case 0:
        town.world.partition("client", "ca");
        break;
      case 1:
        town.world.break_one(sys::Break::reset);
        break;
      case 2:
        town.world.partition("client", "ca");
        town.world.run_for(Duration::from_ms(50));
        town.world.heal_all();
        break;
      default:
        town.fetch.reset();  // nobody wants to know any more
    }
    bool ended = town.world.run_until([&] { return town.outcome.has_value(); }, Duration::from_seconds(10));
    if (seed % 4 != 3) ASSERT_TRUE(ended) << "seed " << seed;
    if (town.outcome && *town.outcome) EXPECT_EQ((*town.outcome)->body.size(), 20'000u) << "seed " << seed;
    town.outcome.reset();
    town.world.run_for(Duration::from_seconds(5));
    EXPECT_FALSE(town.outcome) << "told twice, seed " << seed;
  }
}

}  // namespace
}  // namespace nats::app
