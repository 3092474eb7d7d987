//! Puts the pages of `docs/errors` into the program, for `atlas explain`, and the templates of the generators.

#[path = "build/shop.rs"]
mod shop;

use std::{fmt::Write as _, path::Path};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut pages: Vec<_> = std::fs::read_dir(&folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    pages.retain(|path: &std::path::PathBuf| {
        path.extension().is_some_and(|extension| extension == "md")
            && path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .is_some_and(|stem| {
                    stem.len() == 4
                        && stem.starts_with('A')
                        && stem[1..].bytes().all(|byte| byte.is_ascii_digit())
                })
    });
    pages.sort();
    let mut table = String::from("/// All pages, by code.\npub const PAGES: &[Page] = &[\n");
    for path in pages {
        let code = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        writeln!(
            table,
            "    Page {{ code: {code:?}, text: include_str!({path:?}) }},"
        )?;
    }
    table.push_str("];\n");
    std::fs::write(
        Path::new(&std::env::var("OUT_DIR")?).join("pages.rs"),
        table,
    )?;
    shop::embed(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."),
        Path::new(&std::env::var("OUT_DIR")?),
    )
}
