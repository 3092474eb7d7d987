//! One statement at a time: what it does, and to what.

use std::collections::HashSet;

use sea_orm::DbBackend;

use super::{Lint, Warning, alter};
use crate::migration::script::Token;

/// The statements of a migration so far.
pub(super) struct Examined {
    pub(super) backend: DbBackend,
    transactional: bool,
    /// Tables made by this migration: nobody knows them yet.
    fresh: HashSet<String>,
    /// Tables whose place a fresh one takes.
    replaced: HashSet<String>,
    pub(super) found: Vec<Warning>,
}

/// A statement, read from its beginning.
#[derive(Clone, Copy)]
pub(super) struct Words<'a>(pub(super) &'a [Token]);

impl<'a> Words<'a> {
    /// Takes these keywords, if they come next.
    pub(super) fn take(&mut self, keywords: &[&str]) -> bool {
        let next = self.0.get(..keywords.len());
        let here = next.is_some_and(|next| {
            next.iter()
                .zip(keywords)
                .all(|(token, word)| token.is(word))
        });
        if here {
            self.0 = &self.0[keywords.len()..];
        }
        here
    }

    /// Takes a name, its schema dropped.
    pub(super) fn name(&mut self) -> Option<String> {
        let mut name = self.one()?.name()?;
        while self.0.first() == Some(&Token::Sign('.')) {
            self.one();
            name = self.one()?.name()?;
        }
        Some(name)
    }

    fn one(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    /// Says whether these keywords stand somewhere in it.
    pub(super) fn has(&self, keywords: &[&str]) -> bool {
        self.0.windows(keywords.len()).any(|window| {
            window
                .iter()
                .zip(keywords)
                .all(|(token, word)| token.is(word))
        })
    }
}

impl Examined {
    pub(super) fn new(statements: &[Vec<Token>], backend: DbBackend, transactional: bool) -> Self {
        let mut new = Self {
            backend,
            transactional,
            fresh: HashSet::new(),
            replaced: HashSet::new(),
            found: Vec::new(),
        };
        for statement in statements {
            if let Some(name) = created_table(Words(statement)) {
                new.fresh.insert(name);
            }
        }
        for statement in statements {
            let mut words = Words(statement);
            if words.take(&["ALTER", "TABLE"])
                && let Some(from) = words.name()
                && words.take(&["RENAME", "TO"])
                && let Some(to) = words.name()
                && new.fresh.contains(&from)
            {
                new.replaced.insert(to);
            }
        }
        new
    }

    pub(super) fn statement(&mut self, statement: &[Token]) {
        let mut words = Words(statement);
        if words.take(&["DROP", "TABLE"]) {
            words.take(&["IF", "EXISTS"]);
            while let Some(table) = words.name() {
                if !self.replaced.contains(&table) {
                    self.found(
                        Lint::DropTable,
                        &table,
                        format!("the table `{table}` goes, with its rows"),
                    );
                }
                if words.0.first() != Some(&Token::Sign(',')) {
                    break;
                }
                words.0 = &words.0[1..];
            }
        } else if words.take(&["TRUNCATE"]) {
            words.take(&["TABLE"]);
            words.take(&["ONLY"]);
            self.delete_all(words);
        } else if words.take(&["DELETE", "FROM"]) {
            if !words.has(&["WHERE"]) && !words.has(&["USING"]) {
                self.delete_all(words);
            }
        } else if words.take(&["UPDATE"]) {
            self.update(words);
        } else if words.take(&["RENAME", "TABLE"]) {
            if let Some(table) = words.name() {
                self.found(
                    Lint::RenameTable,
                    &table,
                    format!("the table `{table}` gets another name"),
                );
            }
        } else if words.take(&["CREATE"]) {
            self.create(words);
        } else if words.take(&["ALTER", "TABLE"]) {
            words.take(&["IF", "EXISTS"]);
            words.take(&["ONLY"]);
            if let Some(table) = words.name() {
                alter::examine(self, &table, words.0);
            }
        }
    }

    /// Notes a warning, unless the table is one that the migration has made itself.
    pub(super) fn found(&mut self, lint: Lint, table: &str, message: String) {
        if !self.fresh.contains(table) {
            self.found.push(Warning {
                lint,
                destructive: lint.is_destructive(),
                message,
                help: lint.help(),
            });
        }
    }

    fn delete_all(&mut self, mut words: Words<'_>) {
        if let Some(table) = words.name() {
            self.found(Lint::DeleteAll, &table, format!("all rows of `{table}` go"));
        }
    }

    fn update(&mut self, mut words: Words<'_>) {
        words.take(&["ONLY"]);
        if words.has(&["WHERE"]) || words.has(&["LIMIT"]) {
            return;
        }
        if let Some(table) = words.name() {
            self.found(
                Lint::UpdateAll,
                &table,
                format!("all rows of `{table}` change in one statement"),
            );
        }
    }

    /// An index; what else is created is nobody's yet.
    fn create(&mut self, mut words: Words<'_>) {
        words.take(&["UNIQUE"]);
        if self.backend != DbBackend::Postgres || !words.take(&["INDEX"]) {
            return;
        }
        let concurrently = words.take(&["CONCURRENTLY"]);
        while !words.0.is_empty() && !words.take(&["ON"]) {
            words.0 = &words.0[1..];
        }
        words.take(&["ONLY"]);
        let Some(table) = words.name() else { return };
        if !concurrently {
            let message = format!("nobody can write to `{table}` while its index is built");
            self.found(Lint::IndexNotConcurrent, &table, message);
        } else if self.transactional {
            let message =
                format!("an index of `{table}` cannot be built concurrently in a transaction");
            self.found(Lint::ConcurrentInTransaction, &table, message);
        }
    }
}

/// The name of the table that a statement makes.
fn created_table(mut words: Words<'_>) -> Option<String> {
    if !words.take(&["CREATE"]) {
        return None;
    }
    for word in [
        "GLOBAL",
        "LOCAL",
        "TEMPORARY",
        "TEMP",
        "UNLOGGED",
        "VIRTUAL",
    ] {
        words.take(&[word]);
    }
    if !words.take(&["TABLE"]) {
        return None;
    }
    words.take(&["IF", "NOT", "EXISTS"]);
    words.name()
}
