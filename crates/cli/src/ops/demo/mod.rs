//! `atlas demo`: the shop, generated, built, filled and served.

mod build;
mod serve;
mod shop;

pub use self::{
    build::{build, fill},
    serve::{listen, requests, serve},
    shop::Demo,
};
