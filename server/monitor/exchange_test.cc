// Replays what the reference answered to raw requests (testdata/http_exchanges.txt) against a session,
// with the input in one piece and split at every octet.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "server/monitor/endpoints.h"
#include "server/monitor/http_session.h"
#include "server/monitor/route.h"

namespace nats::monitor {
namespace {

struct Exchange {
  std::string name, sent, answered;
  bool peer_ends = false, open = false;
};

std::string unescape_line(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'x':
        out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
        break;
      default:
        out += text[i];
    }
  }
  return out;
}

std::vector<Exchange> load() {
  std::ifstream in("server/monitor/testdata/http_exchanges.txt");
  std::vector<Exchange> exchanges;
  std::string line;
  bool blank = false;
  while (std::getline(in, line)) {
    if (line.starts_with("# ") && blank) exchanges.push_back({line.substr(2), {}, {}});
    blank = line.empty();
    if (exchanges.empty()) continue;
    if (line.starts_with("> ")) exchanges.back().sent += unescape_line(line.substr(2));
    if (line.starts_with("< ")) exchanges.back().answered += unescape_line(line.substr(2));
    if (line == ".") exchanges.back().peer_ends = true;
    if (line == "open") exchanges.back().open = true;
  }
  return exchanges;
}

// One connection to a server without anything on it.
class Peer {
 public:
  void send(std::string_view octets) {
    session_.on_bytes(octets, now_);
    serve();
  }
  void end() {
    session_.on_end(now_);
    serve();
  }
  void wait(Duration time) {
    now_ = now_ + time;
    session_.on_deadline(now_);
    serve();
  }
  // The peer of the recording saw an end as soon as the reference stopped writing.
  bool open() {
    wait(Duration::from_ms(600));
    return !session_.closed();
  }
  std::string received() const {
    std::string out = received_;
    for (std::size_t at = 0; (at = out.find("Date: ", at)) != out.npos; ++at)
      out.replace(at, out.find('\r', at) - at, "Date: <date>");
    return out;
  }

 private:
  void serve() {
    while (const HttpRequest* request = session_.request()) session_.respond(answer(*request), now_, {0});
    while (!session_.output().empty()) {
      received_ += session_.output();
      session_.consume_output(session_.output().size());
    }
  }
  static HttpAnswer answer(const HttpRequest& request) {
    Route found = route(request, "/");
    if (!found.endpoint) return found.answer;
    const HttpParams params(request.target.query);
    if (found.endpoint->refuse)
      if (auto text = found.endpoint->refuse(params)) return text_answer(400, *text);
    Gathered gathered;
    gathered.base_path = "/";
    gathered.server.version = "2.15.1";
    gathered.server.git_commit = "b2fd3ef";
    return found.endpoint->answer(params, std::move(gathered)).http;
  }

  Instant now_{1'000'000'000};
  HttpSession session_{now_};
  std::string received_;
};

TEST(HttpExchange, AnswersAsTheReferenceDoes) {
  const auto exchanges = load();
  ASSERT_GT(exchanges.size(), 150u);
  for (const Exchange& exchange : exchanges) {
    Peer peer;
    peer.send(exchange.sent);
    if (exchange.peer_ends) peer.end();
    EXPECT_EQ(peer.received(), exchange.answered) << exchange.name;
    EXPECT_EQ(peer.open(), exchange.open) << exchange.name;
  }
}

TEST(HttpExchange, DoesNotDependOnHowTheInputIsSplit) {
  for (const Exchange& exchange : load()) {
    Peer bytewise;
    for (char c : exchange.sent) bytewise.send(std::string_view(&c, 1));
    if (exchange.peer_ends) bytewise.end();
    EXPECT_EQ(bytewise.received(), exchange.answered) << exchange.name;
    for (std::size_t at = 0; at < std::min<std::size_t>(exchange.sent.size(), 400); ++at) {
      Peer peer;
      peer.send(std::string_view(exchange.sent).substr(0, at));
      peer.send(std::string_view(exchange.sent).substr(at));
      if (exchange.peer_ends) peer.end();
      ASSERT_EQ(peer.received(), exchange.answered) << exchange.name << " split at " << at;
    }
  }
}

TEST(HttpExchange, GivesAHeadFiveSeconds) {
  const struct {
    std::string_view sent, received;
    bool closes;
  } table[] = {
      {"", "", true},
      {"GET /",
       "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 "
       "Bad Request",
       true},
      {"GET / HTTP/1.1", "", true},
      {"GET /healthz HTTP/1.1\r\nHost: x", "", true},
      {"GET /healthz HTTP/1.1\r\nHost: x\r\nFoo",
       "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 "
       "Bad Request",
       true},
      {"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe", "", false},
  };
  for (const auto& row : table) {
    Peer peer;
    peer.send(row.sent);
    peer.wait(Duration::from_ms(4'999));
    EXPECT_EQ(peer.received(), "") << row.sent;
    peer.wait(Duration::from_ms(1));
    EXPECT_EQ(peer.received(), row.received) << row.sent;
    EXPECT_EQ(!peer.open(), row.closes) << row.sent;
  }
}

TEST(HttpExchange, LetsAConnectionIdleBetweenRequests) {
  Peer peer;
  peer.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET");
  peer.wait(Duration::from_seconds(3600));
  EXPECT_TRUE(peer.open());
  peer.send(" ");
  peer.wait(Duration::from_seconds(5));
  EXPECT_FALSE(peer.open());
}

TEST(HttpExchange, TakesAHeadOfUpToOneMebibyteAndASlop) {
  const std::string begin = "GET /healthz HTTP/1.1\r\nHost: x\r\nFoo: ";
  const std::size_t room = HttpHeadParser::head_bytes_max - begin.size() - 4;
  Peer fits;
  fits.send(begin + std::string(room, 'a') + "\r\n\r\n");
  EXPECT_TRUE(fits.received().starts_with("HTTP/1.1 200 OK\r\n"));
  Peer exceeds;
  exceeds.send(begin + std::string(room + 1, 'a') + "\r\n\r\n");
  EXPECT_EQ(exceeds.received(),
            "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Connection: close\r\n\r\n431 Request Header Fields Too Large");
  EXPECT_FALSE(exceeds.open());
}

TEST(HttpExchange, ReadsPastABodyOf256KibibytesAndNoMore) {
  const std::string begin = "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  Peer fits;
  fits.send(begin + "40000\r\n" + std::string(0x40000, 'a') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(fits.open());
  Peer exceeds;
  exceeds.send(begin + "40001\r\n" + std::string(0x40001, 'a') + "\r\n0\r\n\r\n");
  EXPECT_NE(exceeds.received().find("Connection: close"), std::string::npos);
  EXPECT_FALSE(exceeds.open());
}

}  // namespace
}  // namespace nats::monitor
