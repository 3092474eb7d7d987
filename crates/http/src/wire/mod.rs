//! Values that every client reads alike.
//!
//! JSON knows one kind of number, and many clients (JavaScript's among them) read it as a binary fraction of 53 bits. So
//! on the wire times are RFC 3339 texts in UTC (`chrono::DateTime<Utc>`), identifiers are texts (`uuid::Uuid`), money is
//! whole units and billionths or a decimal text with its currency, and an integer that may pass 2^53 is a [`LongInteger`].

mod long_integer;

pub use self::long_integer::LongInteger;
