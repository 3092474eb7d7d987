//! Moments on MySQL and MariaDB with their fractions of a second.

use sea_orm::Statement;

/// Gives the columns of a definition the precision that other engines have by themselves: microseconds. The builder says
/// `timestamp` and `datetime`, which cut a moment to its second.
pub(crate) fn precise(mut statement: Statement) -> Statement {
    if statement.values.is_none() {
        statement.sql = with_fractions(&statement.sql);
    }
    statement
}

fn with_fractions(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 16);
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '`' | '"' => quoted(rest, first),
            _ if is_word(first) => rest.find(|it| !is_word(it)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        text.push_str(token);
        let is_moment = ["timestamp", "datetime", "current_timestamp"]
            .iter()
            .any(|it| token.eq_ignore_ascii_case(it));
        if is_moment && !behind.trim_start().starts_with('(') {
            text.push_str("(6)");
        }
        rest = behind;
    }
    text
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The length of what is quoted at the beginning of a text, quotes included.
fn quoted(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && quote != '`' {
            letters.next();
        } else if letter == quote {
            return at + quote.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::with_fractions;

    #[test]
    fn columns_keep_fractions_of_a_second() {
        for (sql, precise) in [
            (
                "CREATE TABLE `t` ( `at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP )",
                "CREATE TABLE `t` ( `at` timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) )",
            ),
            (
                "ALTER TABLE `t` ADD COLUMN `at` datetime(3)",
                "ALTER TABLE `t` ADD COLUMN `at` datetime(3)",
            ),
            (
                "CREATE TABLE `timestamp` ( `datetime` varchar(9) DEFAULT 'a \\' timestamp' )",
                "CREATE TABLE `timestamp` ( `datetime` varchar(9) DEFAULT 'a \\' timestamp' )",
            ),
            (
                "CREATE INDEX `é` ON `t` (`at`)",
                "CREATE INDEX `é` ON `t` (`at`)",
            ),
        ] {
            assert_eq!(with_fractions(sql), precise);
        }
    }
}
