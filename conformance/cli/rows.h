// The ids of the contract rows, from conformance/contracts/rows/*.csv.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/script/script.h"

namespace natstwin::cli {

class Rows {
 public:
  // Empty when the folder is not there: then nothing is checked.
  static Rows read(const std::string& folder);

  bool empty() const { return ids_.empty(); }
  bool contains(std::string_view id) const;
  std::vector<std::string> unknown(const script::Script& script) const;

 private:
  std::set<std::string, std::less<>> ids_;
};

}  // namespace natstwin::cli
