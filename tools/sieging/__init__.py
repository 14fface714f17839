"""The parts of tools/siege: tries to break Ringway for as long as one likes, and shows what was tried and lost."""
