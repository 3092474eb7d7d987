//! The `atlas` command.

fn main() -> std::process::ExitCode {
    atlas_cli::main(std::env::args_os())
}
