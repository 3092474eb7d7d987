//! What a service needs to have jobs: the feature of the facade, the module, the section of the configuration.

use std::path::Path;

use toml_edit::{Array, DocumentMut};

use crate::{
    OrFail, Result,
    ops::{
        change::{Plan, Snippet},
        edit::ChainCall,
        generate::wiring::Wire,
        new::{schema_of_jobs, section_of_jobs, without_schema, without_section},
    },
};

/// The name of the feature, of the section and of the module.
const JOBS: &str = "jobs";
const MANIFEST: &str = "Cargo.toml";

/// Files of the configuration that name every key: how a section begins there, and how the next one does.
pub(super) const SECTIONS: [(&str, &str, &str); 2] = [
    ("config/default.toml", "[jobs]", "["),
    (".env.example", "# [jobs]", "# ["),
];
const SCHEMA: &str = "config/schema.json";

/// Plans to bring it into a service that lacks it.
pub(super) fn insert(plan: &mut Plan) -> Result<()> {
    module().insert(plan)?;
    edit(plan, MANIFEST, with_feature)?;
    for (path, head, heads) in SECTIONS {
        edit(plan, path, |text| {
            if text.lines().any(|line| line == head) {
                return Some(text.to_owned());
            }
            let section = section_of_jobs(path, head, heads)?;
            Some(format!("{}\n\n{}\n", text.trim_end(), section.trim_end()))
        })?;
    }
    edit(plan, SCHEMA, |text| {
        let mut schema: serde_json::Value = serde_json::from_str(text).ok()?;
        let sections = schema.get_mut("properties")?.as_object_mut()?;
        sections.entry(JOBS).or_insert(schema_of_jobs()?);
        Some(format!("{schema:#}\n"))
    })
}

/// Plans to take it out of a service that needs it no more.
pub(super) fn remove(plan: &mut Plan) -> Result<()> {
    module().remove(plan)?;
    edit(plan, MANIFEST, without_feature)?;
    for (path, head, heads) in SECTIONS {
        edit(plan, path, |text| {
            Some(without_section(text, head, heads).unwrap_or(text.to_owned()))
        })?;
    }
    edit(plan, SCHEMA, |text| {
        Some(without_schema(text).unwrap_or(text.to_owned()))
    })
}

fn module() -> Wire {
    let call = ChainCall::module_of_app("atlas::jobs::module()");
    Wire::call("src/lib.rs", "the chain of `fn app`", call)
}

/// Whether some other file of the service than those that are left out has to do with jobs.
pub(super) fn is_needed(root: &Path, without: &str) -> Result<bool> {
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder);
        let entries = entries.or_fail(|| format!("cannot read `{}`", folder.display()))?;
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_rust = path.extension().is_some_and(|it| it == "rs");
            let is_ours = path == root.join("src/lib.rs") || path.starts_with(root.join(without));
            if is_rust
                && !is_ours
                && std::fs::read_to_string(&path).is_ok_and(|text| text.contains("jobs::"))
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Plans an edit of a file; one that is not there is none of ours, one of another shape is its owner's.
fn edit(plan: &mut Plan, path: &str, change: impl Fn(&str) -> Option<String>) -> Result<()> {
    let Some(bytes) = plan.read(path)? else {
        return Ok(());
    };
    let text = String::from_utf8(bytes).ok();
    match text.as_deref().and_then(|text| Some((text, change(text)?))) {
        Some((text, after)) if text == after => Ok(()),
        Some((_, after)) => plan.edit(path, after),
        None => {
            plan.by_hand(Snippet {
                path: path.to_owned(),
                place: "see to it that the service has jobs".to_owned(),
                text: match path {
                    MANIFEST => "atlas = { …, features = [\"jobs\", …] }".to_owned(),
                    _ => {
                        "config reference --format toml # of the service prints the section `jobs`"
                            .to_owned()
                    }
                },
            });
            Ok(())
        }
    }
}

/// The features of the facade and of the test kit, with `jobs` behind the first one.
fn with_feature(text: &str) -> Option<String> {
    let after = change_features(text, |features| {
        let is_there = features.iter().any(|it| it.as_str() == Some(JOBS));
        if !is_there {
            features.insert(features.len().min(1), JOBS);
        }
    })?;
    // kept only if the way back leads to the very same bytes
    (after == text || without_feature(&after).as_deref() == Some(text)).then_some(after)
}

fn without_feature(text: &str) -> Option<String> {
    change_features(text, |features| {
        features.retain(|it| it.as_str() != Some(JOBS));
    })
}

fn change_features(text: &str, change: impl Fn(&mut Array)) -> Option<String> {
    let mut manifest: DocumentMut = text.parse().ok()?;
    let mut features = |kind: &str, name: &str| {
        let item = manifest.get_mut(kind)?.get_mut(name)?.get_mut("features")?;
        item.as_array_mut().map(&change)
    };
    features("dependencies", "atlas")?;
    // a service may have no tests of ours
    let _ = features("dev-dependencies", "atlas-test");
    Some(manifest.to_string())
}

#[cfg(test)]
mod tests {
    use super::{with_feature, without_feature};

    #[test]
    fn the_feature_comes_and_goes_and_leaves_every_other_byte() {
        let text = "[dependencies]\n# ours\natlas = { path = \"a\", features = [\"http\", \"sqlite\"] } # x\n\n\
            [dev-dependencies]\natlas-test = { path = \"t\", features = [\"sqlite\"] }\n";
        let with = with_feature(text).unwrap();
        assert!(
            with.contains("features = [\"http\", \"jobs\", \"sqlite\"] } # x"),
            "{with}"
        );
        assert!(with.contains("features = [\"sqlite\", \"jobs\"]"), "{with}");
        assert_eq!(with_feature(&with).as_deref(), Some(with.as_str()));
        assert_eq!(without_feature(&with).as_deref(), Some(text));
    }

    #[test]
    fn a_manifest_of_another_shape_is_left_alone() {
        assert_eq!(with_feature("[dependencies]\nserde = \"1\"\n"), None);
        assert_eq!(with_feature("no toml"), None);
    }
}
