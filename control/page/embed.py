#!/usr/bin/env python3
"""Makes a C++ header of a page: embed.py PAGE NAME > HEADER. The styles and scripts that the page names
are put into it, so that it needs nobody but itself. String literals have a length limit for portability,
so the text comes in pieces."""
import pathlib
import re
import sys

PIECE = 8000
page = pathlib.Path(sys.argv[1])


def beside(match, tag):
    return f"<{tag}>\n{(page.parent / match.group(1)).read_text(encoding='utf-8')}</{tag}>"


text = page.read_text(encoding="utf-8")
text = re.sub(r'<link rel="stylesheet" href="([^"]+)">', lambda m: beside(m, "style"), text)
text = re.sub(r'<script src="([^"]+)"></script>', lambda m: beside(m, "script"), text)
pieces = [text[i : i + PIECE] for i in range(0, len(text), PIECE)]
print("#pragma once\n\n#include <string_view>\n\nnamespace ringway::control {\n")
print(f"inline constexpr std::string_view {sys.argv[2]} =")
print("\n".join(f'    R"embedded({piece})embedded"' for piece in pieces) + ";\n")
print("}  // namespace ringway::control")
