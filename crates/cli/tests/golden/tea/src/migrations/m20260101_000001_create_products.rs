//! Creates products.
