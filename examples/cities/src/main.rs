//! The cities of the world. `cities --help` lists what it can do.
#[tokio::main]
async fn main() -> std::process::ExitCode {
    atlas::main(cities::app).await
}
