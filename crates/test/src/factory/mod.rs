//! Factories: objects for tests, of which a test says only what it is about.
//!
//! A factory is a function of yours. Its definition makes one object out of a [`Draw`]: numbers that go up, and values that
//! look random and are the same in every run of the same seed.
//!
//! ```
//! use atlas_test::factory::Factory;
//!
//! #[derive(Debug)]
//! struct Tea { name: String, grams: u32, organic: bool }
//!
//! fn tea() -> Factory<Tea> {
//!     Factory::new(|draw| Tea {
//!         name: format!("tea {}", draw.sequence()),
//!         grams: draw.number(50..=500),
//!         organic: draw.chance(20),
//!     })
//! }
//!
//! /// A state: a change with a name.
//! fn organic(tea: &mut Tea) {
//!     tea.organic = true;
//! }
//!
//! let one = tea().state(organic).with(|tea| tea.grams = 100).build();
//! assert!(one.organic && one.grams == 100);
//! let many = tea().build_many(10);
//! assert_ne!(many[0].name, many[9].name);
//! ```
//!
//! Factories of SeaORM's active models also [`create`](Factory::create) rows, parents first.
//!
//! The seed is chosen anew in every run, and shown with a test that fails: `ATLAS_TEST_SEED=… cargo test NAME` draws the same
//! values again.

#[cfg(feature = "db")]
mod create;
mod define;
mod draw;
mod seed;

pub use self::{define::Factory, draw::Draw};
