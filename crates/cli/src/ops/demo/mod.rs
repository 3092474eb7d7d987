//! `atlas demo`: the shop, generated, built and served; its first start migrates and seeds.

mod build;
mod serve;
mod shop;

pub use self::{
    build::build,
    serve::{listen, requests, serve},
    shop::Demo,
};
