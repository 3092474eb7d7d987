//! Orders, and the letters that follow them.
use atlas::prelude::*;

mod id;
pub mod jobs;
mod list;
mod mail;
mod order;
mod place;
mod query;
mod repository;
mod routes;
mod search;
mod service;
mod table;
mod view;

pub use self::{
    id::OrderId,
    mail::{Mail, MailError, Mailer},
    order::{Order, OrderDetails, Orders},
    search::{OrderFilter, OrderSearch, OrderSort},
    service::OrderService,
};

/// Wires the orders into an app.
pub fn module() -> Module {
    Module::new("orders")
        .provide(repository::sql) // Db → Arc<dyn Orders>
        .provide(mail::logged) // → Arc<dyn Mailer>
        .provide(OrderService::new) // Arc<dyn Orders>, ProductService, Db, Jobs → OrderService
        .contribute(routes::routes) // OrderService → Routes
        .contribute(atlas::jobs::handler(jobs::send_receipt)) // Arc<dyn Mailer> → Handler
        .contribute(atlas::jobs::handler(jobs::summarise_day)) // Arc<dyn Orders>, Arc<dyn Mailer> → Handler
        .contribute(jobs::nightly) // → Schedule
        .contribute(|| atlas::db::entity(table::Entity)) // for `migrate diff`
}
