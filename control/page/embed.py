#!/usr/bin/env python3
"""Makes a C++ header of a text file: embed.py FILE NAME > HEADER. String literals have a length limit
for portability, so the text comes in pieces."""
import sys

PIECE = 8000
text = open(sys.argv[1], encoding="utf-8").read()
pieces = [text[i : i + PIECE] for i in range(0, len(text), PIECE)]
print("#pragma once\n\n#include <string_view>\n\nnamespace ringway::control {\n")
print(f"inline constexpr std::string_view {sys.argv[2]} =")
print("\n".join(f'    R"embedded({piece})embedded"' for piece in pieces) + ";\n")
print("}  // namespace ringway::control")
