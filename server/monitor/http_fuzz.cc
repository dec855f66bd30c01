#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/monitor/endpoints.h"
#include "server/monitor/http_session.h"
#include "server/monitor/route.h"

// Requests of any octets: the session answers or waits, and what it answers does not depend on how the
// octets arrive. Handlers are real, the server behind them is empty.

namespace {

using namespace nats;
using namespace nats::monitor;

HttpAnswer answer(const HttpRequest& request) {
  Route found = route(request, "/");
  if (!found.endpoint) return found.answer;
  const HttpParams params(request.target.query);
  if (found.endpoint->refuse)
    if (auto text = found.endpoint->refuse(params)) return text_answer(400, *text);
  Gathered gathered;
  gathered.base_path = "/";
  gathered.connections.accounts = {"$G"};
  return found.endpoint->answer(params, std::move(gathered)).http;
}

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
  void wait() {
    now_ = now_ + Duration::from_seconds(6);
    session_.on_deadline(now_);
    serve();
  }
  std::string state() const { return received_ + (session_.closed() ? "|closed" : "|open"); }

 private:
  void serve() {
    while (const HttpRequest* request = session_.request())
      session_.respond(answer(*request), now_, WallTime{});
    while (!session_.output().empty()) {
      received_ += session_.output();
      session_.consume_output(session_.output().size());
    }
  }

  Instant now_{1};
  HttpSession session_{now_};
  std::string received_;
};

}  // namespace

// The first octet says how the rest is split and how the peer leaves.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t how = data[0];
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  Peer whole, pieces;
  whole.send(octets);
  const std::size_t step = how % 16 + 1;
  for (std::size_t at = 0; at < octets.size(); at += step) pieces.send(octets.substr(at, step));
  for (Peer* peer : {&whole, &pieces}) {
    if (how & 0x10) peer->wait();
    if (how & 0x20) peer->end();
  }
  if (whole.state() != pieces.state()) std::abort();
  return 0;
}
