//! Types for values that configuration is full of: secrets, spans of time, amounts of memory.

mod byte_size;
mod duration;
mod secret;

pub use self::byte_size::{ByteSize, ParseByteSizeError};
pub use self::duration::{Duration, ParseDurationError};
pub use self::secret::Secret;
pub(crate) use self::secret::exposed;
