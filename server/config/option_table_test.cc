#include "server/config/option_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "server/config/text.h"

namespace nats::config {
namespace {

struct ContractKey {
  std::string block;
  std::string key;
  std::string aliases;
};

std::vector<ContractKey> contract_keys() {
  std::ifstream file("server/config/contract_keys.txt");
  std::vector<ContractKey> out;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    // A block's name may hold "|" itself.
    std::size_t last = line.rfind('|');
    std::size_t middle = line.rfind('|', last - 1);
    out.push_back(
        {line.substr(0, middle), line.substr(middle + 1, last - middle - 1), line.substr(last + 1)});
  }
  return out;
}

std::set<std::string> words(std::string_view text) {
  std::set<std::string> out;
  for (std::string_view word : text::fields(text)) out.emplace(word);
  return out;
}

TEST(OptionTable, HasEveryKeyOfTheContractAndNoOther) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> wanted;
  for (const ContractKey& key : contract_keys()) wanted[{key.block, key.key}] = words(key.aliases);
  EXPECT_EQ(wanted.size(), 357u);
  wanted[{"", "http_metrics"}] = {};  // ours
  for (const OptionRow& row : option_rows()) {
    auto found = wanted.find({std::string(row.block), std::string(row.key)});
    ASSERT_NE(found, wanted.end()) << row.block << " " << row.key;
    EXPECT_EQ(words(row.aliases), found->second) << row.block << " " << row.key;
    wanted.erase(found);
  }
  EXPECT_TRUE(wanted.empty()) << wanted.begin()->first.first << " " << wanted.begin()->first.second;
}

TEST(OptionTable, HasNoNameTwiceInABlock) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const OptionRow& row : option_rows()) {
    std::set<std::string> names = words(row.aliases);
    names.emplace(row.key);
    for (const std::string& name : names) {
      EXPECT_TRUE(seen.emplace(row.block, name).second) << row.block << " " << name;
    }
  }
}

TEST(OptionTable, SaysOfEveryRowHowItIsSet) {
  for (const OptionRow& row : option_rows()) {
    EXPECT_NE(row.set, nullptr) << row.block << " " << row.key;
    EXPECT_FALSE(row.type.empty()) << row.block << " " << row.key;
    EXPECT_EQ(row.view.equal == nullptr, row.view.show == nullptr) << row.key;
    if (row.reload.rule == ReloadRule::refused && row.status == Status::built) {
      EXPECT_NE(row.view.equal, nullptr) << row.key << ": a refusal shows both values";
    }
  }
}

TEST(OptionTable, FindsAKeyByItsAliases) {
  EXPECT_EQ(find_row("", "max_conn")->key, "max_connections");
  EXPECT_EQ(find_row("permissions{}", "import")->key, "publish");
  EXPECT_EQ(find_row("", "nosuch"), nullptr);
  // A directive of the grammar, not a key.
  EXPECT_EQ(find_row("", "include"), nullptr);
}

}  // namespace
}  // namespace nats::config
