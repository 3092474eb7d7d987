//! Puts the files of `examples/shop` into the program: they are the templates of the generators.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// What cargo, editors and a running service leave behind.
const LEFT_BEHIND: &[&str] = &["target", "data", ".git", ".env", "Cargo.lock"];

/// Writes the tables `SHOP` and `WORKSPACE` into `out`.
pub(crate) fn embed(workspace: &Path, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let shop = workspace.join("examples/shop");
    let mut files = Vec::new();
    walk(&shop, &mut files)?;
    files.sort();
    let mut table = String::new();
    entries(
        &mut table,
        "SHOP",
        "Every file of `examples/shop`, by path",
        &shop,
        &files,
    )?;
    let shared =
        ["Cargo.toml", "clippy.toml", "rust-toolchain.toml"].map(|name| workspace.join(name));
    entries(
        &mut table,
        "WORKSPACE",
        "Files of the workspace that a service has its own copy of",
        workspace,
        &shared,
    )?;
    std::fs::write(out.join("shop.rs"), table)?;
    Ok(())
}

fn entries(
    table: &mut String,
    name: &str,
    about: &str,
    root: &Path,
    files: &[PathBuf],
) -> Result<(), Box<dyn std::error::Error>> {
    writeln!(table, "/// {about}.\npub(crate) const {name}: &[File] = &[")?;
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let path = file
            .strip_prefix(root)?
            .to_str()
            .ok_or("a path that is not UTF-8")?
            .replace('\\', "/");
        writeln!(
            table,
            "    File {{ path: {path:?}, bytes: include_bytes!({file:?}) }},"
        )?;
    }
    table.push_str("];\n");
    Ok(())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if LEFT_BEHIND.contains(&name) || name.contains(".sqlite") {
            continue;
        }
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
