#include "server/app/monitoring.h"

#include <fmt/core.h>

#include <cstdint>
#include <limits>
#include <utility>

#include "server/config/options_loader.h"

namespace nats::app {
namespace {

monitor::HttpServer::TlsSource tls_source(broker::Broker& broker) {
  return [&broker]() -> monitor::HttpTls {
    // On loop 0. Where OCSP looks at clients it looks at these too.
    std::shared_ptr<const config::Tls> tls = broker.options().tls;
    if (!tls) return {};
    return {tls->ocsp_peer.verify ? tls->context : tls->monitoring_context, broker.tls_guard()};
  };
}

}  // namespace

Result<std::unique_ptr<Monitoring>> Monitoring::start(sys::Ground& ground, Log& log, broker::Broker& broker,
                                                      const Ocsp& ocsp,
                                                      std::vector<std::string> command_line) {
  const config::Options& options = broker.options();
  auto monitoring = std::unique_ptr<Monitoring>(new Monitoring(broker, ocsp));
  if (options.http_port != 0 && options.https_port != 0)
    return fail(ErrorCode::invalid_argument, fmt::format("can't specify both HTTP ({}) and HTTPs ({}) ports",
                                                         options.http_port, options.https_port));
  bool secure = options.https_port != 0;
  if (secure && !options.tls) return fail(ErrorCode::invalid_argument, "TLS cert and key required for HTTPS");
  int wanted = secure ? options.https_port : options.http_port;
  int port = wanted == -1 ? 0 : wanted;
  if (port < 0 || port > std::numeric_limits<std::uint16_t>::max())
    return fail(ErrorCode::address_invalid,
                fmt::format("can't listen to the monitor port: listen tcp: address {}: invalid port", port));
  sys::Endpoint at{options.http_host, static_cast<std::uint16_t>(port)};
  monitor::MonitorSettings settings{config::base_path(options), options.http_metrics,
                                    secure ? tls_source(broker) : nullptr, std::move(command_line)};
  auto http = monitor::MonitorServer::start(ground, ground.loop(0), at, monitoring->source_,
                                            monitoring->stats_, log, std::move(settings));
  if (!http)
    return fail(http.error().code, fmt::format("can't listen to the monitor port: {}", http.error().detail));
  monitoring->http_ = std::move(*http);
  bool bracketed = options.http_host.find(':') != std::string::npos;
  log.info("Starting {} monitor on {}{}{}:{}", secure ? "https" : "http", bracketed ? "[" : "",
           options.http_host, bracketed ? "]" : "", monitoring->endpoint().port);
  return monitoring;
}

}  // namespace nats::app
