// Signatures of nkeys, whose texts are base/key_text.h's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/base/bytes.h"
#include "server/base/key_text.h"

namespace nats::auth {

// Is `signature` (64 octets) that of `message` under `key`?
bool verify_signature(const PublicKey& key, Bytes message, Bytes signature);

// CONNECT's proxy_sig: base64url without padding.
std::optional<std::string> decode_proxy_signature_text(std::string_view text);

// CONNECT's sig: base64url without padding, or standard base64 with it.
std::optional<std::string> decode_signature_text(std::string_view text);

}  // namespace nats::auth
