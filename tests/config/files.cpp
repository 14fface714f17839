#include "tests/config/files.h"

namespace ringway::tests {

std::filesystem::path config_tests() {
    return TESTS_DIR;  // set by the build
}

}  // namespace ringway::tests
