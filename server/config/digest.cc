#include <fmt/core.h>
#include <sodium.h>

#include "server/config/parser.h"
#include "server/config/text.h"
#include "server/gojson/writer.h"

namespace nats::config {
namespace {

// Go's JSON scanner stops here.
constexpr std::size_t depth_max = 10'000;
// Values after expansion of variables: "b: [$a, $a]" doubles what it names.
constexpr std::uint64_t values_max = 10'000'000;
constexpr std::size_t chunk_bytes = 64 * 1024;

// Walks the values without recursion: one Level per open array or map.
struct Level {
  const Array* array = nullptr;
  std::size_t index = 0;
  const Map* map = nullptr;
  Map::const_iterator at = {};
};

class Digester {
 public:
  Digester() { crypto_hash_sha256_init(&state_); }

  Result<std::string> run(const Map& root);

 private:
  void write(const Value& value);
  void descend(const Value& value);
  void hash();

  crypto_hash_sha256_state state_;
  std::string json_;
  gojson::Writer writer_{json_};
  std::vector<Level> levels_;
  std::size_t deepest_ = 1;
};

void Digester::hash() {
  crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(json_.data()), json_.size());
  json_.clear();
}

void Digester::write(const Value& value) {
  if (auto* v = std::get_if<bool>(&value)) {
    writer_.boolean(*v);
  } else if (auto* v = std::get_if<std::int64_t>(&value)) {
    writer_.integer(*v);
  } else if (auto* v = std::get_if<double>(&value)) {
    writer_.number(*v);
  } else if (auto* v = std::get_if<std::string>(&value)) {
    writer_.string(*v);
  } else if (auto* v = std::get_if<Date>(&value)) {
    writer_.string(v->text);
  } else {
    descend(value);
  }
}

void Digester::descend(const Value& value) {
  Level level;
  if (auto* array = std::get_if<Array*>(&value)) {
    level.array = *array;
    writer_.begin_array();
  } else {
    level.map = std::get<Map*>(value);
    level.at = level.map->begin();
    writer_.begin_object();
  }
  levels_.push_back(level);
  deepest_ = std::max(deepest_, levels_.size());
}

Result<std::string> Digester::run(const Map& root) {
  writer_.begin_object();
  levels_.push_back({nullptr, 0, &root, root.begin()});
  std::uint64_t values = 0;
  while (!levels_.empty()) {
    if (json_.size() > chunk_bytes) hash();
    if (++values > values_max) {
      return fail(ErrorCode::limit_exceeded,
                  fmt::format("config expands to more than {} values", values_max));
    }
    Level& level = levels_.back();
    if (level.array && level.index < level.array->size()) {
      write((*level.array)[level.index++].value);
    } else if (level.map && level.at != level.map->end()) {
      auto entry = level.at++;
      writer_.key(entry->first);
      write(entry->second.value);
    } else {
      level.array ? writer_.end_array() : writer_.end_object();
      levels_.pop_back();
    }
  }
  // The root is one level that the reference does not count.
  if (deepest_ - 1 > depth_max) {
    std::string text;
    for (std::size_t i = depth_max; i < deepest_; ++i)
      text += "json: error calling MarshalJSON for type *conf.token: ";
    return fail(ErrorCode::limit_exceeded, text + "exceeded max depth");
  }
  json_ += '\n';
  hash();
  unsigned char sum[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(&state_, sum);
  std::string out = "sha256:";
  for (unsigned char byte : sum) out += fmt::format("{:02x}", byte);
  return out;
}

}  // namespace

Result<std::string> digest(const Document& document) { return Digester().run(document.root()); }

}  // namespace nats::config
