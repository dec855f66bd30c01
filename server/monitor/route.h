// From a request to an endpoint, as Go's ServeMux does it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/monitor/endpoints.h"
#include "server/monitor/http_answer.h"
#include "server/monitor/http_request.h"

namespace nats::monitor {

// How a request is dealt with: by an endpoint, or by an answer that needs none.
struct Route {
  const Endpoint* endpoint = nullptr;
  HttpAnswer answer;
};

// The answer to a request that no endpoint sees: unclean paths, odd expectations, "*".
std::optional<HttpAnswer> answer_before_routing(const HttpRequest& request);

// `base_path` is normalized.
Route route(const HttpRequest& request, std::string_view base_path);

// 307 to `path`, with the query of the request.
HttpAnswer redirect(const HttpRequest& request, std::string_view path);

// "" is "/", anything else begins with a slash and is clean.
std::string normalize_base_path(std::string_view path);
// As Go's path.Join of a clean base and an absolute path.
std::string join_path(std::string_view base_path, std::string_view path);

}  // namespace nats::monitor
