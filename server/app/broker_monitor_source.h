// What monitoring shows, gathered from the broker. Clients are copied on their own loops, a slice at a
// time, so that no loop stalls.
#pragma once

#include <optional>

#include "server/broker/broker.h"
#include "server/monitor/snapshot.h"
#include "server/sys/stream.h"

namespace nats::app {

class Ocsp;

class BrokerMonitorSource final : public monitor::MonitorSource {
 public:
  BrokerMonitorSource(broker::Broker& broker, const Ocsp& ocsp);

  void server(sys::Loop& home, std::move_only_function<void(monitor::ServerSnapshot)> then) override;
  std::int64_t connection_count() const override;
  void summaries(sys::Loop& home, std::move_only_function<void(monitor::ConnSummaries)> then) override;
  void connections(const monitor::ConnQuery& query, sys::Loop& home,
                   std::move_only_function<void(monitor::ConnectionsSnapshot)> then) override;
  void accounts(const monitor::AccountQuery& query, sys::Loop& home,
                std::move_only_function<void(monitor::AccountsSnapshot)> then) override;

 private:
  template <class Copy>
  class Gathering;

  monitor::Identity identity() const;
  monitor::AccountSnapshot account(const broker::AccountInterest& account,
                                   const monitor::AccountQuery& query) const;
  void add_details(const broker::AccountInterest& account, monitor::AccountSnapshot& snapshot) const;
  void add_settings(monitor::ServerSnapshot& server);
  void add_queues(monitor::ServerSnapshot& server) const;
  void add_traffic(monitor::ServerSnapshot& server) const;

  broker::Broker& broker_;
  const Ocsp& ocsp_;
  WallTime start_;
  Instant started_;
  std::optional<sys::Endpoint> shown_at_;  // host and port of the first /varz
};

}  // namespace nats::app
