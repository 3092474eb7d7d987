//! All that `atlas generate module` changes.

use super::{feature::NewModule, files, naming::Naming, sql};
use crate::{
    Error, Exit, Result,
    ops::{
        change::Plan,
        edit::{ChainCall, ModLine},
        format,
        generate::{migration, record::Record, wiring::Wire},
        names::Words,
        service::Project,
        template::SHOP,
    },
};

/// Plans a module.
///
/// # Errors
/// When it cannot be called so in this service, or a file cannot be read.
pub fn plan(project: &Project, new: &NewModule) -> Result<Plan> {
    let name = new.name.module.snake();
    if new.name.entity.snake() == project.name.replace('-', "_") {
        return Err(Error::usage(format!(
            "an entity cannot be called `{}` like the service",
            new.name.entity
        ))
        .place("NAME")
        .help(format!(
            "name it otherwise: `atlas generate module {name} --entity {}_record`",
            new.name.entity
        )));
    }
    let (files, migration) = render(project, new)?;
    let mut record = Record::new(new.arguments());
    record.migration = Some(migration.clone());
    let mut plan = Plan::new(&project.root);
    for (path, text) in files {
        record.note(&path, text.as_bytes());
        plan.write(&path, text)?;
    }
    for wire in wires(&name, &migration) {
        wire.insert(&mut plan)?;
    }
    plan.edit(
        &Record::path("module", &name),
        record.to_toml(
            &format!("atlas generate module {}", record.arguments.join(" ")),
            &format!("atlas destroy module {name}"),
        ),
    )?;
    Ok(plan)
}

/// All files with their text, and the name of the migration.
pub(super) fn render(project: &Project, new: &NewModule) -> Result<(Vec<files::Written>, String)> {
    let naming = Naming::of(&new.name, &project.name);
    let mut files = files::all(new, &naming)?;
    let migration = migration::file_name(
        &project.root,
        &format!("create_{}", new.name.module.snake()),
        new.day,
    )?;
    files.push((
        format!("{}/{migration}.rs", migration::FOLDER),
        sql::migration(new, &naming, template()?)?,
    ));
    std::thread::scope(|scope| {
        for (_, text) in &mut files {
            scope.spawn(|| *text = format::rust(std::mem::take(text), &project.root));
        }
    });
    Ok((files, migration))
}

/// The lines that make a module known.
pub(super) fn wires(name: &str, migration: &str) -> Vec<Wire> {
    let module = ChainCall::module_of_app(&format!("{name}::module()"));
    let mut wires = vec![
        Wire::module("src/lib.rs", ModLine::public(name)),
        Wire::call("src/lib.rs", "the chain of `fn app`", module),
        Wire::module("tests/it/main.rs", ModLine::private(name)),
    ];
    // `m20261122_000002_create_orders` holds `CreateOrders`
    let what = migration.splitn(3, '_').nth(2).unwrap_or_default();
    wires.extend(migration::wires(migration, &Words::of(what).camel()));
    wires
}

/// The migration of the shop that makes its table.
fn template() -> Result<&'static str> {
    SHOP.iter()
        .map(|file| file.path)
        .find(|path| path.ends_with("_create_products.rs"))
        .ok_or_else(|| {
            Error::new("this program lacks the template of a migration").exit(Exit::Internal)
        })
}
