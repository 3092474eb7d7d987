//! The real service, over HTTP.

mod away;
mod boutique;
mod catalog;
mod config;
mod cursor;
mod orders;
mod receipts;
mod support;
