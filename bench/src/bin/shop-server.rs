//! The shop's own binary, built beside the other servers of the benchmark.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    atlas::main(shop::app).await
}
