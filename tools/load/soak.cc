// soak: random publishes, with and without headers, to a fixed set of overlapping subscriptions and queue
// groups, while other connections come, subscribe, unsubscribe and vanish. Everything that arrives is checked
// (soak_check.h); at the end everything that was published must have arrived.
#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>

#include "tools/load/clock.h"
#include "tools/load/commands.h"
#include "tools/load/connection.h"
#include "tools/load/failure.h"
#include "tools/load/soak_check.h"

namespace natstwin::load {

namespace {

constexpr std::uint32_t first_tokens = 8;
constexpr std::uint32_t second_tokens = 8;
constexpr std::uint32_t subject_count = first_tokens * second_tokens;
constexpr std::uint64_t bytes_underway_max = 8 * 1024 * 1024;  // far from making anybody a slow consumer
constexpr double drain_seconds = 30;

struct Setup {
  std::uint16_t port;
  double seconds;
  std::size_t publishers;
  std::size_t connections;
  std::size_t subscriptions;
  std::size_t churn;
  std::size_t payload_max;
  std::uint64_t rate;
  std::uint64_t seed;
};

using Random = std::mt19937_64;

std::uint32_t below(Random& random, std::uint64_t bound) {
  return static_cast<std::uint32_t>(random() % bound);
}

std::string subject_text(std::uint32_t subject) {
  return fmt::format("soak.{}.{}", subject / second_tokens, subject % second_tokens);
}

struct Pattern {
  std::string text;
  std::vector<bool> matches;
};

Pattern random_pattern(Random& random) {
  const std::uint32_t first = below(random, first_tokens);
  const std::uint32_t second = below(random, second_tokens);
  const std::uint32_t kind = below(random, 20);
  const bool any_first = kind < 4;
  const bool any_second = kind == 0 || (kind >= 4 && kind < 8);
  Pattern pattern;
  pattern.text = kind == 0   ? "soak.>"
                 : kind == 4 ? fmt::format("soak.{}.>", first)
                             : fmt::format("soak.{}.{}", any_first ? "*" : std::to_string(first),
                                           any_second ? "*" : std::to_string(second));
  for (std::uint32_t subject = 0; subject < subject_count; ++subject)
    pattern.matches.push_back((any_first || subject / second_tokens == first) &&
                              (any_second || subject % second_tokens == second));
  return pattern;
}

struct Subscription {
  SubscriptionCheck check;
  GroupCheck* group = nullptr;
  std::uint64_t max_messages = UINT64_MAX;
  bool over = false;     // UNSUB has been confirmed
  bool counted = false;  // its deliveries are part of what is under way
};

// What all connections of one run share.
struct Run {
  Published published;
  Violations violations;
  std::uint64_t bytes_underway = 0;
  std::uint64_t deliveries = 0;
};

class SoakClient : public Client {
 public:
  explicit SoakClient(Run& run) : run_(run) {}

  // Sids count from 1.
  Subscription& add(Subscription subscription) {
    return subscriptions_.emplace_back(std::move(subscription));
  }
  std::size_t subscription_count() const { return subscriptions_.size(); }
  Subscription& subscription(std::size_t sid) { return subscriptions_[sid - 1]; }

  void on_message(Connection&, const Frame& frame) override {
    ++run_.deliveries;
    const std::optional<Stamp> stamp = from_payload(frame.payload);
    if (!stamp) return run_.violations.add(fmt::format("a payload changed, on {}", frame.subject));
    if (frame.sid == 0 || frame.sid > subscriptions_.size())
      return run_.violations.add(fmt::format("a message for unknown sid {}", frame.sid));
    Subscription& subscription = subscriptions_[frame.sid - 1];
    check_frame(frame, *stamp);
    subscription.check.on_message(*stamp);
    if (subscription.group) subscription.group->on_message(*stamp);
    if (subscription.over) run_.violations.add("a message after UNSUB was confirmed");
    if (subscription.check.received() > subscription.max_messages)
      run_.violations.add("more messages than UNSUB allowed");
    if (subscription.counted)
      run_.bytes_underway -= std::min<std::uint64_t>(run_.bytes_underway, stamp->size);
  }

 private:
  void check_frame(const Frame& frame, const Stamp& stamp) {
    if (frame.subject != subject_text(stamp.subject))
      run_.violations.add(fmt::format("subject changed to {}", frame.subject));
    const bool with_headers = stamp.order % 4 == 0;
    const std::string headers = with_headers ? fmt::format("NATS/1.0\r\nOrder: {}\r\n\r\n", stamp.order) : "";
    if (frame.headers != headers) run_.violations.add("headers changed");
    const std::string reply = stamp.order % 3 == 0 ? fmt::format("soak-reply.{}", stamp.order) : "";
    if (frame.reply != reply) run_.violations.add("reply subject changed");
  }

  Run& run_;
  std::deque<Subscription> subscriptions_;
};

// A publisher's PONG must wait for the rest of a frame that was cut.
class PublishingClient : public QuietClient {
 public:
  void on_ping(Connection&) override { pong_due_ = true; }

  // Sends the rest of a cut frame, and what had to wait for it.
  void send_tail(Connection& connection) {
    connection.send(tail);
    tail.clear();
    if (pong_due_) connection.send("PONG\r\n");
    pong_due_ = false;
  }

  std::string tail;

 private:
  bool pong_due_ = false;
};

class Soak {
 public:
  explicit Soak(const Setup& setup)
      : setup_(setup),
        random_(setup.seed),
        run_{.published = Published(setup.publishers, subject_count)},
        loop_(setup.port),
        deliveries_per_subject_(subject_count, 0) {
    subscribe_everybody();
    for (std::size_t at = 0; at < setup.publishers; ++at)
      publishers_.push_back(&loop_.connect(publisher_clients_.emplace_back()));
  }

  void run() {
    const std::uint64_t begin = now_ns();
    const std::uint64_t end = begin + seconds_to_ns(setup_.seconds);
    std::uint64_t churn_due = begin;
    for (std::uint64_t now = begin; now < end; now = now_ns()) {
      if (setup_.churn > 0 && now >= churn_due) {
        churn();
        churn_due = now + 20'000'000;
      }
      publish_round(now - begin);
      loop_.poll(run_.bytes_underway < bytes_underway_max ? 0 : 1'000'000);
    }
    finish();
  }

  Run& result() { return run_; }
  std::uint64_t churned() const { return churned_; }

 private:
  void subscribe_everybody() {
    std::vector<Connection*> connections;
    for (std::size_t at = 0; at < setup_.connections; ++at)
      connections.push_back(&loop_.connect(clients_.emplace_back(run_)));
    for (std::size_t at = 0; at < setup_.subscriptions; ++at) {
      const std::size_t owner = below(random_, clients_.size());
      subscribe(clients_[owner], *connections[owner], at % 4 == 3);
    }
    loop_.barrier(connections);
    for (std::uint32_t subject = 0; subject < subject_count; ++subject)
      for (const auto& [name, group] : groups_)
        deliveries_per_subject_[subject] += group->matches(subject) ? 1 : 0;
  }

  void subscribe(SoakClient& client, Connection& connection, bool in_group) {
    Pattern pattern = random_pattern(random_);
    const std::string queue = in_group ? fmt::format("group{}", below(random_, 4)) : "";
    connection.send(fmt::format("SUB {} {} {}\r\n", pattern.text, queue, client.subscription_count() + 1));
    Subscription& subscription =
        client.add({.check = SubscriptionCheck(pattern.text + " " + queue,
                                               in_group ? Expectation::queue_member : Expectation::everything,
                                               pattern.matches, run_.published, run_.violations),
                    .counted = true});
    if (!in_group) {
      for (std::uint32_t subject = 0; subject < subject_count; ++subject)
        deliveries_per_subject_[subject] += pattern.matches[subject] ? 1 : 0;
      return;
    }
    auto& group = groups_[queue];
    if (!group) group = std::make_unique<GroupCheck>(queue, run_.published, run_.violations);
    group->add_member(subscription.check);
    subscription.group = group.get();
  }

  void publish_round(std::uint64_t elapsed_ns) {
    for (std::uint32_t publisher = 0; publisher < publishers_.size(); ++publisher) {
      Connection& connection = *publishers_[publisher];
      if (!connection.outbox_empty() || connection.blocked()) continue;
      publisher_clients_[publisher].send_tail(connection);
      for (std::uint32_t batch = 1 + below(random_, 32); batch > 0 && may_publish(elapsed_ns); --batch)
        publish(publisher, connection);
    }
  }

  bool may_publish(std::uint64_t elapsed_ns) const {
    if (run_.bytes_underway >= bytes_underway_max) return false;
    return setup_.rate == 0 || static_cast<double>(run_.published.total()) <
                                   static_cast<double>(setup_.rate) * static_cast<double>(elapsed_ns) / 1e9;
  }

  // Now and then the frame is cut at a random octet, and its rest goes out a round later.
  void publish(std::uint32_t publisher, Connection& connection) {
    const std::uint32_t subject = below(random_, subject_count);
    const std::uint32_t room =
        below(random_, 16) == 0 ? static_cast<std::uint32_t>(setup_.payload_max - stamp_size) : 128;
    const auto size = static_cast<std::uint32_t>(
        stamp_size + below(random_, std::min<std::size_t>(room, setup_.payload_max - stamp_size) + 1));
    const Stamp stamp = run_.published.next(publisher, subject, size);
    run_.bytes_underway += size * deliveries_per_subject_[subject];
    const std::string frame = to_frame(stamp);
    std::string& tail = publisher_clients_[publisher].tail;
    if (!tail.empty() || below(random_, 64) != 0) {
      (tail.empty() ? connection.send(frame) : void(tail += frame));
      return;
    }
    const std::size_t cut = 1 + below(random_, frame.size() - 1);
    connection.send(std::string_view(frame).substr(0, cut));
    tail = frame.substr(cut);
  }

  static std::string to_frame(const Stamp& stamp) {
    const std::string subject = subject_text(stamp.subject);
    const std::string reply = stamp.order % 3 == 0 ? fmt::format(" soak-reply.{}", stamp.order) : "";
    const std::string payload = to_payload(stamp);
    if (stamp.order % 4 != 0)
      return fmt::format("PUB {}{} {}\r\n{}\r\n", subject, reply, payload.size(), payload);
    const std::string headers = fmt::format("NATS/1.0\r\nOrder: {}\r\n\r\n", stamp.order);
    return fmt::format("HPUB {}{} {} {}\r\n{}{}\r\n", subject, reply, headers.size(),
                       headers.size() + payload.size(), headers, payload);
  }

  // One visitor more; when there are enough, the oldest leaves: politely, or without a word.
  void churn() {
    if (visitors_.size() >= setup_.churn) {
      Visitor& oldest = visitors_.front();
      if (below(random_, 2) == 0) say_goodbye(oldest);
      loop_.close(*oldest.connection);
      visitors_.pop_front();
      ++churned_;
    }
    Visitor& visitor = visitors_.emplace_back(run_);
    visitor.connection = &loop_.connect(visitor.client);
    for (std::uint32_t sid = 1; sid <= 5; ++sid) {
      Pattern pattern = random_pattern(random_);
      Subscription& subscription = visitor.client.add(
          {.check = SubscriptionCheck("visitor " + pattern.text, Expectation::no_gaps,
                                      std::move(pattern.matches), run_.published, run_.violations)});
      visitor.connection->send(fmt::format("SUB {} {}\r\n", pattern.text, sid));
      if (sid != 1) continue;
      subscription.max_messages = 1 + below(random_, 100);
      visitor.connection->send(fmt::format("UNSUB {} {}\r\n", sid, subscription.max_messages));
    }
  }

  struct Visitor {
    explicit Visitor(Run& run) : client(run) {}
    SoakClient client;
    Connection* connection = nullptr;
  };

  void say_goodbye(Visitor& visitor) {
    for (std::size_t sid = 1; sid <= visitor.client.subscription_count(); ++sid)
      visitor.connection->send(fmt::format("UNSUB {}\r\n", sid));
    loop_.barrier({visitor.connection});
    for (std::size_t sid = 1; sid <= visitor.client.subscription_count(); ++sid)
      visitor.client.subscription(sid).over = true;
    for (int round = 0; round < 3; ++round) {
      publish_round(UINT64_MAX);
      loop_.poll(1'000'000);
    }
  }

  void finish() {
    for (std::size_t at = 0; at < publishers_.size(); ++at)
      publisher_clients_[at].send_tail(*publishers_[at]);
    loop_.barrier(publishers_);
    // What is lost never arrives, so this wait ends by the clock too and the checks say what is missing.
    const std::uint64_t give_up = now_ns() + seconds_to_ns(drain_seconds);
    while (run_.bytes_underway > 0 && now_ns() < give_up) loop_.poll(1'000'000);
    loop_.run_for(0.2);
    for (SoakClient& client : clients_)
      for (std::size_t sid = 1; sid <= client.subscription_count(); ++sid)
        if (!client.subscription(sid).group) client.subscription(sid).check.finish();
    for (const auto& [name, group] : groups_) group->finish();
  }

  Setup setup_;
  Random random_;
  Run run_;
  Loop loop_;
  std::deque<SoakClient> clients_;
  std::map<std::string, std::unique_ptr<GroupCheck>> groups_;
  std::vector<std::uint64_t> deliveries_per_subject_;
  std::deque<PublishingClient> publisher_clients_;
  std::vector<Connection*> publishers_;
  std::deque<Visitor> visitors_;
  std::uint64_t churned_ = 0;
};

}  // namespace

Report run_soak(Options& options, std::uint64_t& violations) {
  const Setup setup{.port = static_cast<std::uint16_t>(options.required_count("port")),
                    .seconds = options.seconds("seconds", 10),
                    .publishers = options.count("publishers", 4),
                    .connections = options.count("connections", 20),
                    .subscriptions = options.count("subscriptions", 200),
                    .churn = options.count("churn", 10),
                    .payload_max = options.count("payload-max", 4096),
                    .rate = options.count("rate", 0),
                    .seed = options.count("seed", 1)};
  options.check_all_known();
  if (setup.publishers == 0 || setup.connections == 0)
    throw Failure("--publishers and --connections: at least 1");
  if (setup.payload_max < stamp_size || setup.payload_max > 1'000'000)
    throw Failure("--payload-max must be from 32 to 1000000");

  Soak soak(setup);
  soak.run();
  const Run& run = soak.result();
  violations = run.violations.count();
  Report report;
  report.count("seed", setup.seed)
      .count("published", run.published.total())
      .count("deliveries", run.deliveries)
      .count("visitors", soak.churned())
      .count("violations", violations)
      .texts("first_violations", run.violations.first());
  return report;
}

}  // namespace natstwin::load
