//! The shop. `shop --help` lists what it can do: serve, migrate, seed, routes, graph, check, config, openapi.
#[tokio::main]
async fn main() -> std::process::ExitCode {
    atlas::main(shop::app).await
}
