#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

#include "tests/crypto/wycheproof.h"

// Skipped as a whole where the vectors are not.
int main(int argc, char** argv) {
    const auto directory = ringway::tests::vectors_directory();
    if (!std::filesystem::is_directory(directory)) {
        std::printf("skipped: no test vectors in '%s' ($RINGWAY_VECTORS)\n", directory.c_str());
        return 77;  // meson's and automake's word for 'skipped'
    }
    return doctest::Context(argc, argv).run();
}
