//! A JSON hello on Atlas, with the whole default stack on.

use std::process::ExitCode;

use atlas::http::{Json, Routes, get};
use atlas::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
struct Hello {
    message: &'static str,
}

async fn hello() -> Json<Hello> {
    Json(Hello { message: "hello" })
}

fn routes() -> Routes {
    Routes::new("/hello").route("/", get(hello))
}

fn app() -> App {
    App::new("hello")
        .module(atlas::defaults())
        .module(atlas::http::module())
        .module(Module::new("hello").contribute(routes))
}

#[tokio::main]
async fn main() -> ExitCode {
    atlas::main(app).await
}
