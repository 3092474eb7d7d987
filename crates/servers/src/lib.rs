//! Real database servers for tests: found by URL, or started from the programs that are installed.
