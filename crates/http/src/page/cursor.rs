//! Cursors: a position in a list, sealed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use siphasher::sip::SipHasher24;

/// What cursors are sealed with: 128 bits, the same in all instances of a service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CursorKey([u8; 16]);

impl CursorKey {
    /// A key made from a secret of any length.
    pub fn new(secret: &[u8]) -> Self {
        let half = |salt: u8| {
            SipHasher24::new_with_key(&[salt; 16])
                .hash(secret)
                .to_le_bytes()
        };
        let mut key = [0; 16];
        key[..8].copy_from_slice(&half(1));
        key[8..].copy_from_slice(&half(2));
        Self(key)
    }

    /// The cursor for a position in the list that `binding` describes.
    pub(super) fn seal(self, binding: &str, position: &[Value]) -> String {
        let payload = Value::from(position).to_string();
        let mut bytes = self.mark(binding, payload.as_bytes()).to_vec();
        bytes.extend_from_slice(payload.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position of a cursor; `None` when it is not of this list, or not ours.
    pub(super) fn open(self, binding: &str, cursor: &str) -> Option<Vec<Value>> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (mark, payload) = bytes.split_first_chunk::<8>()?;
        if *mark != self.mark(binding, payload) {
            return None;
        }
        match serde_json::from_slice(payload).ok()? {
            Value::Array(position) => Some(position),
            _ => None,
        }
    }

    /// SipHash-2-4, a keyed hash made for short messages; the length keeps binding and payload apart.
    fn mark(self, binding: &str, payload: &[u8]) -> [u8; 8] {
        let mut message = Vec::with_capacity(8 + binding.len() + payload.len());
        message.extend_from_slice(&(binding.len() as u64).to_le_bytes());
        message.extend_from_slice(binding.as_bytes());
        message.extend_from_slice(payload);
        SipHasher24::new_with_key(&self.0)
            .hash(&message)
            .to_le_bytes()
    }
}

/// A fixed key, for services that set none.
impl Default for CursorKey {
    fn default() -> Self {
        Self(*b"atlas list order")
    }
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cursor_opens_with_its_own_list_and_key_only() {
        let key = CursorKey::new(b"secret");
        let position = [json!("tea"), json!(7), json!(null)];
        let cursor = key.seal("/products name,id", &position);
        assert!(
            cursor
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
        );
        assert_eq!(key.open("/products name,id", &cursor).unwrap(), position);
        assert_eq!(key.open("/products -name,id", &cursor), None);
        assert_eq!(
            CursorKey::new(b"other").open("/products name,id", &cursor),
            None
        );
        assert_eq!(
            CursorKey::default().open("/products name,id", &cursor),
            None
        );
    }

    #[test]
    fn no_single_change_of_a_cursor_goes_unnoticed() {
        let key = CursorKey::default();
        let cursor = key.seal("list", &[json!("tea"), json!(7)]);
        for at in 0..cursor.len() {
            for letter in "AZaz09-_=".chars() {
                let mut altered = cursor.clone();
                altered.replace_range(at..=at, &letter.to_string());
                if altered != cursor {
                    assert_eq!(key.open("list", &altered), None, "{altered}");
                }
            }
            assert_eq!(key.open("list", &cursor[..at]), None);
        }
    }
}
