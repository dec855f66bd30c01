// What lies between a socket and the protocol: TLS, WebSocket frames. Layers stack: the bytes of the
// wire pass the oldest first. No sockets in here.
//
// A layer begins with begin(); until is_ready() it negotiates: what take_output() gives goes to the
// wire, what decode() is fed comes from there.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace/decode.h"

namespace natstwin::runner {

class ByteLayer {
 public:
  virtual ~ByteLayer() = default;

  virtual void begin() = 0;
  virtual bool is_ready() const = 0;
  virtual std::string failure() const = 0;  // "" unless the negotiation failed
  // What was negotiated, as leaves of the event that the step records.
  virtual std::vector<trace::Leaf> description() const = 0;

  virtual std::string encode(std::string_view plain) = 0;
  virtual std::string decode(std::string_view wire) = 0;
  virtual std::string take_output() { return {}; }
  // Frames of the layer itself (WS-CLOSE, ...) that came with what was decoded.
  virtual std::vector<trace::Frame> take_frames() { return {}; }
};

struct TlsOptions {
  std::string ca_file;  // empty: any certificate is taken
  std::string cert_file;
  std::string key_file;
  std::string name;         // SNI, and to be found in the certificate when ca_file is given
  std::string max_version;  // "1.2" or empty
  bool wants_staple = false;
};

std::expected<std::unique_ptr<ByteLayer>, std::string> make_tls_layer(const TlsOptions& options);

struct WebSocketOptions {
  std::string path = "/";
  std::string host;
  std::vector<std::string> headers;
  bool masked = true;
};

std::unique_ptr<ByteLayer> make_websocket_layer(const WebSocketOptions& options);

}  // namespace natstwin::runner
