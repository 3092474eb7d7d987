//! Says where the shared server of a kind is, or why there is none, and stays until its input ends.

#![allow(
    clippy::print_stdout,
    reason = "the tests of the ladder read what it prints"
)]

use std::io::Read;

use atlas_servers::{Kind, shared, skipped};

fn main() {
    let word = std::env::args().nth(1).unwrap_or_default();
    let kind = Kind::of_word(&word).expect("the kind of server is named: `postgres`");
    match shared(kind) {
        Ok(address) => println!("there {}", address.admin_url()),
        Err(absent) => {
            // a line, since that is what is read
            println!("absent {}", absent.to_string().replace("\n  ", "; "));
            skipped(&absent);
        }
    }
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
