//! What a migration consists of, as a short text: two that differ are not the same migration.

/// The way of summing that the texts below begin with. A sum of another way says nothing about a migration.
const WAY: &str = "1-";

/// Adds up the steps of a migration (FNV-1a in 128 bits: it tells edits apart, it does not resist forgery).
pub(super) struct Checksum(u128);

impl Checksum {
    /// Of no steps.
    pub(super) fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    /// Adds a step. Blanks at the ends of lines do not count, so a checkout that changes line feeds changes nothing.
    pub(super) fn add(&mut self, text: &str) {
        for line in text.trim().lines() {
            line.trim_end().bytes().for_each(|byte| self.byte(byte));
            self.byte(b'\n');
        }
        self.byte(0);
    }

    fn byte(&mut self, byte: u8) {
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(PRIME);
    }

    /// The sum as it is recorded.
    pub(super) fn text(&self) -> String {
        format!("{WAY}{:032x}", self.0)
    }
}

/// Says whether a recorded sum contradicts the one of the code. A migration recorded by an earlier version has none.
pub(super) fn differs(recorded: Option<&str>, code: &str) -> bool {
    recorded.is_some_and(|recorded| recorded.starts_with(WAY) && recorded != code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(steps: &[&str]) -> String {
        let mut sum = Checksum::new();
        steps.iter().for_each(|step| sum.add(step));
        sum.text()
    }

    #[test]
    fn a_sum_knows_steps_and_their_order_but_not_line_feeds() {
        assert_eq!(sum(&["a\n  b"]), sum(&["a  \r\n  b\r\n"]));
        let all = [
            sum(&[]),
            sum(&["a b"]),
            sum(&["a", "b"]),
            sum(&["b", "a"]),
            sum(&["a\nb"]),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(all.iter().skip(index + 1).all(|other| other != one));
        }
    }

    #[test]
    fn an_empty_text_is_the_start_of_the_published_algorithm() {
        // FNV-1a of "a\n\0" would move with any change of the constants; that of nothing is the offset basis
        assert_eq!(sum(&[]), "1-6c62272e07bb014262b821756295c58d");
        assert_eq!(sum(&[]).len(), 34);
    }

    #[test]
    fn only_a_sum_of_the_same_way_can_contradict() {
        let code = sum(&["a"]);
        assert!(!differs(None, &code));
        assert!(!differs(Some(&code), &code));
        assert!(differs(Some(&sum(&["b"])), &code));
        assert!(!differs(Some("2-abc"), &code));
    }
}
