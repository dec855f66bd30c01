// Values that the runner chose itself (ports, directories) stand in a trace under their variables'
// names, so that two runs are comparable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace natstwin::runner {

class Names {
 public:
  // Replaced wherever it occurs.
  void add_text(std::string value, std::string placeholder);
  // Replaced where it stands as a number of its own: not inside a longer word, nor as a fraction.
  void add_number(long value, std::string placeholder);

  std::string replace(std::string_view text) const;

 private:
  struct Name {
    std::string value;
    std::string placeholder;
    bool number = false;
  };

  void add(Name name);

  std::vector<Name> names_;  // longest value first
};

}  // namespace natstwin::runner
