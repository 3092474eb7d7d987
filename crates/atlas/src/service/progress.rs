//! How far long work has come, on one line of the terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the line is drawn at most.
const PAUSE: Duration = Duration::from_millis(100);

/// The cells of a full bar.
const WIDTH: u64 = 30;

/// Back to the first column, and the line wiped.
const WIPE: &str = "\r\x1b[2K";

/// A line on standard error that is drawn over and over; nothing where no person looks on.
pub(super) struct ProgressLine<W: Write = io::Stderr> {
    line: Option<Mutex<Line<W>>>,
}

struct Line<W> {
    out: W,
    drawn: Option<Instant>,
}

impl ProgressLine {
    /// A line on standard error, if that is a terminal.
    pub(super) fn new() -> Self {
        let stderr = io::stderr();
        let looked_at = stderr.is_terminal();
        Self::on(stderr, looked_at)
    }
}

impl<W: Write> ProgressLine<W> {
    fn on(out: W, looked_at: bool) -> Self {
        let line = Line { out, drawn: None };
        Self {
            line: looked_at.then(|| Mutex::new(line)),
        }
    }

    /// Shows that `done` of `total` are done, if it was not shown just now.
    pub(super) fn show(&self, what: &str, done: u64, total: Option<u64>) {
        let Some(line) = &self.line else { return };
        let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
        if line.drawn.is_some_and(|it| it.elapsed() < PAUSE) {
            return;
        }
        let _ = write!(line.out, "{WIPE}{}", text(what, done, total));
        let _ = line.out.flush();
        line.drawn = Some(Instant::now());
    }

    /// Wipes the line, so that the answer stands alone.
    pub(super) fn wipe(&self) {
        let Some(line) = &self.line else { return };
        let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
        if line.drawn.take().is_some() {
            let _ = write!(line.out, "{WIPE}");
            let _ = line.out.flush();
        }
    }
}

fn text(what: &str, done: u64, total: Option<u64>) -> String {
    let Some(total) = total.filter(|it| *it > 0) else {
        return format!("{what}  {}", grouped(done));
    };
    let done = done.min(total);
    let full = done * WIDTH / total;
    let bar: String = (0..WIDTH)
        .map(|cell| if cell < full { '█' } else { '░' })
        .collect();
    let percent = done * 100 / total;
    format!(
        "{what}  {bar} {percent:>3} %  {} of {}",
        grouped(done),
        grouped(total)
    )
}

/// A number with its thousands apart: `147 043`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{ProgressLine, WIPE, grouped, text};

    #[test]
    fn the_bar_fills_from_nothing_to_all() {
        let empty = "░".repeat(30);
        let full = "█".repeat(30);
        assert_eq!(
            text("cities", 0, Some(2000)),
            format!("cities  {empty}   0 %  0 of 2 000")
        );
        assert_eq!(
            text("cities", 2000, Some(2000)),
            format!("cities  {full} 100 %  2 000 of 2 000")
        );
        let half = format!("{}{}", "█".repeat(15), "░".repeat(15));
        assert!(text("cities", 1000, Some(2000)).contains(&half));
        assert_eq!(text("cities", 1000, None), "cities  1 000");
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        let numbers = [0, 7, 999, 1000, 147_043, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "7", "999", "1 000", "147 043", "1 234 567"]);
    }

    #[test]
    fn a_terminal_sees_one_line_that_is_gone_at_the_end() {
        let line = ProgressLine::on(Vec::new(), true);
        line.show("cities", 1, None);
        line.show("cities", 2, None);
        line.wipe();
        line.wipe();
        let out = line.line.unwrap().into_inner().unwrap().out;
        let expected = format!("{WIPE}cities  1{WIPE}");
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn what_is_no_terminal_sees_nothing() {
        let line = ProgressLine::on(Vec::new(), false);
        line.show("cities", 1, None);
        line.wipe();
        assert!(line.line.is_none());
    }
}
