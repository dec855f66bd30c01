#include "server/app/ports_file.h"

#include <fmt/core.h>

#include <filesystem>

#include "server/gojson/writer.h"
#include "server/sys/files.h"

namespace nats::app {
namespace {

void append_urls(gojson::Writer& writer, std::string_view name, const std::vector<std::string>& urls) {
  if (urls.empty()) return;
  writer.key(name);
  writer.begin_array();
  for (const std::string& url : urls) writer.string(url);
  writer.end_array();
}

bool is_unspecified(std::string_view host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

std::string url(std::string_view scheme, std::string_view host, std::uint16_t port) {
  bool bracketed = host.find(':') != std::string_view::npos;
  return bracketed ? fmt::format("{}://[{}]:{}", scheme, host, port)
                   : fmt::format("{}://{}:{}", scheme, host, port);
}

}  // namespace

std::string ports_file_path(std::string_view directory, std::string_view executable, int pid) {
  std::filesystem::path path(directory);
  path /= fmt::format("{}_{}.ports", executable, pid);
  return path.lexically_normal().string();
}

std::string to_json(const PortsFile& ports) {
  std::string json;
  gojson::Writer writer(json);
  writer.begin_object();
  append_urls(writer, "nats", ports.nats);
  append_urls(writer, "monitoring", ports.monitoring);
  append_urls(writer, "cluster", ports.cluster);
  append_urls(writer, "profile", ports.profile);
  append_urls(writer, "websocket", ports.websocket);
  writer.end_object();
  return json;
}

std::vector<std::string> listener_urls(std::string_view scheme, const sys::Endpoint& at,
                                       const std::vector<std::string>& interface_addresses) {
  if (!is_unspecified(at.host)) return {url(scheme, at.host, at.port)};
  std::vector<std::string> urls{url(scheme, "127.0.0.1", at.port), url(scheme, "::1", at.port)};
  for (const std::string& address : interface_addresses) urls.push_back(url(scheme, address, at.port));
  return urls;
}

Result<void> write_ports_file(sys::Files& files, const std::string& path, const PortsFile& ports) {
  return sys::write_file(files, path, to_json(ports), 0666);
}

}  // namespace nats::app
