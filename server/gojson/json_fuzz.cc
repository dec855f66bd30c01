#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/gojson/decoder.h"
#include "server/gojson/document.h"
#include "server/gojson/writer.h"

// Any octets are parsed or refused with a text; what was parsed is written and parsed again to the
// same; decoding into a struct is total.

namespace {

using namespace nats::gojson;

struct Nested {
  std::vector<std::string> allow;
  std::map<std::string, std::int64_t> counts;
};

void decode(Decoder& decoder, Value value, Nested& to) {
  decoder.struct_type("fuzz.Nested");
  decoder.object(value, {{"allow", to.allow}, {"counts", to.counts}});
}

// Values lie in reading order, so containers that are open stand on a stack.
std::string write(Value root) {
  std::string out;
  Writer w(out);
  struct Open {
    Value at, end;
    bool object, value_next;
  };
  std::vector<Open> open;
  const auto put = [&](Value value) {
    switch (value.kind()) {
      case Kind::null:
        w.null();
        return;
      case Kind::boolean:
        w.boolean(value.boolean());
        return;
      case Kind::number:
        w.raw(value.text());
        return;
      case Kind::string:
        w.string(value.text());
        return;
      case Kind::array:
        w.begin_array();
        break;
      case Kind::object:
        w.begin_object();
        break;
    }
    open.push_back({value.first(), value.end(), value.kind() == Kind::object, false});
  };
  put(root);
  while (!open.empty()) {
    Open& top = open.back();
    if (top.at == top.end) {
      if (top.object) {
        w.end_object();
      } else {
        w.end_array();
      }
      open.pop_back();
      continue;
    }
    const Value value = top.at;
    top.at = value.next();
    const bool key = top.object && !top.value_next;
    top.value_next = key;
    if (key) {
      w.key(value.text());
    } else {
      put(value);
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = Document::parse({reinterpret_cast<const char*>(data), size});
  if (!document) {
    if (document.error().detail.empty()) std::abort();
    return 0;
  }
  const std::string once = write(document->root());
  const auto again = Document::parse(once);
  if (!again || write(again->root()) != once) std::abort();

  bool verbose = false;
  std::string name;
  std::int64_t protocol = 0;
  double ratio = 0;
  std::optional<Nested> nested;
  Decoder decoder("Options", "fuzz.Options");
  decoder.object(
      document->root(),
      {{"verbose", verbose}, {"name", name}, {"protocol", protocol}, {"ratio", ratio}, {"nested", nested}});
  if (!decoder.result() && decoder.result().error().detail.empty()) std::abort();
  return 0;
}
