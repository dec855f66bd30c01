#include "server/monitor/monitor_server.h"

#include <utility>

#include "server/monitor/route.h"

namespace nats::monitor {

// Answers may come after the server is gone; then the connection is gone too.
struct MonitorServer::Question {
  const Endpoint& endpoint;
  HttpParams params;
  Reply connection;
  Gathered gathered;
  unsigned missing;  // Needs that are not gathered yet
};

MonitorServer::MonitorServer(sys::Ground& ground, sys::Loop& loop, MonitorSource& source, RequestStats& stats,
                             Log& log, MonitorSettings settings)
    : ground_(ground),
      loop_(loop),
      source_(source),
      stats_(stats),
      log_(log),
      settings_(std::move(settings)) {
  settings_.base_path = normalize_base_path(settings_.base_path);
}

Result<std::unique_ptr<MonitorServer>> MonitorServer::start(sys::Ground& ground, sys::Loop& loop,
                                                            const sys::Endpoint& at, MonitorSource& source,
                                                            RequestStats& stats, Log& log,
                                                            MonitorSettings settings) {
  std::unique_ptr<MonitorServer> server(
      new MonitorServer(ground, loop, source, stats, log, std::move(settings)));
  server->http_ = NATS_TRY(HttpServer::start(ground, loop, at, *server, log, server->settings_.tls));
  return server;
}

void MonitorServer::on_request(const HttpRequest& request, Reply connection) {
  Route found = route(request, settings_.base_path);
  if (found.endpoint && found.endpoint->opt_in && !settings_.metrics)
    found = {nullptr, error_answer(404, "404 page not found")};
  if (!found.endpoint) {
    connection.lock()->respond(std::move(found.answer));
    return;
  }
  const Endpoint& endpoint = *found.endpoint;
  HttpParams params(request.target.query);
  const auto refusal = endpoint.refuse ? endpoint.refuse(params) : std::nullopt;
  if (!refusal || endpoint.counts_refused) stats_.count(endpoint);
  if (refusal) {
    connection.lock()->respond(text_answer(400, *refusal));
    return;
  }
  auto question = std::make_shared<Question>(
      Question{endpoint, std::move(params), std::move(connection), {}, endpoint.needs & ~Needs::diagnostics});
  question->gathered.base_path = settings_.base_path;
  question->gathered.request_counts = stats_.counts();
  question->gathered.diagnostics = ground_.diagnostics();
  if (endpoint.needs & Needs::diagnostics) question->gathered.command_line = settings_.command_line;
  gather(std::move(question));
}

// One part after the other.
void MonitorServer::gather(std::shared_ptr<Question> question) {
  auto go_on = [this, question](unsigned need, auto Gathered::*member) {
    return [this, question, need, member](auto snapshot) {
      if (question->connection.expired()) return;
      question->gathered.*member = std::move(snapshot);
      question->missing &= ~need;
      gather(question);
    };
  };
  if (question->missing & Needs::server) {
    source_.server(loop_, go_on(Needs::server, &Gathered::server));
  } else if (question->missing & Needs::connections) {
    gather_connections(std::move(question));
  } else if (question->missing & Needs::summaries) {
    source_.summaries(loop_, go_on(Needs::summaries, &Gathered::summaries));
  } else if (question->missing & Needs::accounts) {
    source_.accounts(account_query(question->endpoint, question->params), loop_,
                     go_on(Needs::accounts, &Gathered::accounts));
  } else {
    write(std::move(question));
  }
}

// Of many connections only those on the page are copied whole.
void MonitorServer::gather_connections(std::shared_ptr<Question> question) {
  auto take = [this, question](std::optional<std::int64_t> total) {
    return [this, question, total](ConnectionsSnapshot snapshot) {
      if (question->connection.expired()) return;
      question->gathered.connections = std::move(snapshot);
      question->gathered.connections.total = total;
      question->missing &= ~Needs::connections;
      gather(question);
    };
  };
  PagePicker pick = page_picker(question->params, source_.connection_count());
  if (!pick) return source_.connections(conn_query(question->params), loop_, take({}));
  source_.summaries(loop_, [this, question, take, pick = std::move(pick)](ConnSummaries summaries) {
    if (question->connection.expired()) return;
    std::int64_t total = 0;
    for (const auto& part : summaries) total += static_cast<std::int64_t>(part.size());
    auto query = std::make_shared<ConnQuery>(conn_query(question->params));
    ground_.workers().run(
        [query, pick, summaries = std::move(summaries)]() mutable {
          query->page = pick(std::move(summaries));
        },
        loop_,
        [this, question, query, total, take] {
          if (question->connection.expired()) return;
          source_.connections(*query, loop_, take(total));
        });
  });
}

// A long text is made on a worker, the answer is sent on the loop.
void MonitorServer::write(std::shared_ptr<Question> question) {
  auto answer = std::make_shared<EndpointAnswer>();
  auto make = [answer, question] {
    *answer = question->endpoint.answer(question->params, std::move(question->gathered));
  };
  auto send = [answer, question, &log = log_] {
    for (const std::string& warning : answer->warnings) log.warning("{}", warning);
    if (const auto reply = question->connection.lock()) reply->respond(std::move(answer->http));
  };
  if (!question->endpoint.is_short()) return ground_.workers().run(make, loop_, send);
  make();
  send();
}

}  // namespace nats::monitor
