"""The parts of tools/bench: measures Ringway and what it is compared to, and shows what came out."""
