#include "conformance/cli/commands.h"

int main(int argc, char** argv) { return natstwin::cli::main(argc, argv); }
