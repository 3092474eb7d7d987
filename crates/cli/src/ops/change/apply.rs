//! All changes or none.
//!
//! Everything that can fail for want of space or rights is written into a folder aside first; then only renames
//! are left, and these are taken back in reverse order when one fails.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::Change;
use crate::{Error, OrFail, Result};

pub(super) fn apply<'a>(root: &Path, changes: impl Iterator<Item = &'a Change>) -> Result<()> {
    let changes: Vec<&Change> = changes.collect();
    if changes.is_empty() {
        return Ok(());
    }
    for change in &changes {
        still_as_compared(root, change)?;
    }
    let aside = aside(root)?;
    for (number, change) in changes.iter().enumerate() {
        stage(root, &aside, number, change)
            .or_fail(|| format!("cannot write `{}`, nothing was changed", change.path))?;
    }
    let mut done = Undo::default();
    for (number, change) in changes.iter().enumerate() {
        if let Err(error) = done.make(root, &aside, number, change) {
            let error = Error::new(format!("cannot write `{}`", change.path))
                .place(root.join(&change.path).display())
                .source(error);
            return Err(match done.back() {
                Ok(()) => error.help("nothing was changed: what had been written was taken back"),
                Err(lost) => {
                    let kept = aside.keep();
                    error.help(format!(
                        "it could not be taken back ({lost}): the former files are in `{}`",
                        kept.display()
                    ))
                }
            });
        }
    }
    for change in changes.iter().filter(|change| change.after.is_none()) {
        remove_empty_folders(root, &root.join(&change.path));
    }
    Ok(())
}

fn still_as_compared(root: &Path, change: &Change) -> Result<()> {
    let now = match fs::read(root.join(&change.path)) {
        Ok(bytes) => Some(bytes),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            None
        }
        Err(error) => return Err(error).or_fail(|| format!("cannot read `{}`", change.path)),
    };
    if now == change.before {
        return Ok(());
    }
    Err(Error::new(format!(
        "`{}` was changed by someone else meanwhile, nothing was written",
        change.path
    ))
    .help("run the command again"))
}

/// A folder on the same file system, gone again at the end.
fn aside(root: &Path) -> Result<TempDir> {
    let near = root
        .ancestors()
        .find(|it| it.is_dir())
        .unwrap_or(Path::new("."));
    tempfile::Builder::new()
        .prefix(".atlas-")
        .tempdir_in(near)
        .or_fail(|| format!("cannot write into `{}`", near.display()))
}

fn fresh(aside: &TempDir, number: usize) -> PathBuf {
    aside.path().join(format!("new-{number}"))
}

fn former(aside: &TempDir, number: usize) -> PathBuf {
    aside.path().join(format!("old-{number}"))
}

fn stage(root: &Path, aside: &TempDir, number: usize, change: &Change) -> io::Result<()> {
    let target = root.join(&change.path);
    if change.before.is_some() {
        fs::copy(&target, former(aside, number))?;
    }
    if let Some(after) = &change.after {
        let fresh = fresh(aside, number);
        fs::write(&fresh, after)?;
        if change.before.is_some() {
            fs::set_permissions(&fresh, fs::metadata(&target)?.permissions())?;
        }
    }
    Ok(())
}

/// How to take back what was done.
#[derive(Default)]
struct Undo {
    steps: Vec<Step>,
}

enum Step {
    Folder(PathBuf),
    Created(PathBuf),
    Replaced { target: PathBuf, former: PathBuf },
}

impl Undo {
    fn make(
        &mut self,
        root: &Path,
        aside: &TempDir,
        number: usize,
        change: &Change,
    ) -> io::Result<()> {
        let target = root.join(&change.path);
        // a link stays a link: what it points to is written
        let target = if target.is_symlink() {
            fs::canonicalize(&target)?
        } else {
            target
        };
        self.folders(target.parent().unwrap_or(root))?;
        if change.after.is_some() {
            fs::rename(fresh(aside, number), &target)?;
        } else {
            fs::remove_file(&target)?;
        }
        self.steps.push(match change.before {
            Some(_) => Step::Replaced {
                target,
                former: former(aside, number),
            },
            None => Step::Created(target),
        });
        Ok(())
    }

    fn folders(&mut self, folder: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = folder.ancestors().take_while(|it| !it.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder)?;
            self.steps.push(Step::Folder(folder.to_owned()));
        }
        Ok(())
    }

    fn back(self) -> io::Result<()> {
        let mut outcome = Ok(());
        for step in self.steps.into_iter().rev() {
            outcome = outcome.and(match step {
                Step::Folder(folder) => fs::remove_dir(folder),
                Step::Created(file) => fs::remove_file(file),
                Step::Replaced { target, former } => fs::rename(former, target),
            });
        }
        outcome
    }
}

fn remove_empty_folders(root: &Path, file: &Path) {
    for folder in file.ancestors().skip(1).take_while(|it| *it != root) {
        // a folder that still holds something refuses to go, and then so do those above it
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use crate::ops::change::{Answer, Plan};

    fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(root).unwrap().display().to_string();
                if path.is_dir() {
                    files.insert(format!("{name}/"), Vec::new());
                    folders.push(path);
                } else {
                    files.insert(name, fs::read(&path).unwrap());
                }
            }
        }
        files
    }

    #[test]
    fn whatever_step_fails_the_folder_is_as_it_was() {
        for failing in 0..4 {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path();
            fs::write(root.join("edited"), "before").unwrap();
            fs::write(root.join("removed"), "ours").unwrap();
            let mut plan = Plan::new(root);
            let steps: [&dyn Fn(&mut Plan); 4] = [
                &|plan| plan.write("a/b/created", "new").unwrap(),
                &|plan| plan.edit("edited", "after").unwrap(),
                &|plan| plan.remove("removed", |now| now == b"ours", None).unwrap(),
                &|plan| plan.write("c/created", "new").unwrap(),
            ];
            for (number, step) in steps.iter().enumerate() {
                if number == failing {
                    plan.write("blocked/file", "cannot be").unwrap();
                }
                step(&mut plan);
            }
            // a file stands where a folder must be
            fs::write(root.join("blocked"), "").unwrap();
            let before = tree(root);
            let error = plan.apply().unwrap_err().to_string();
            assert!(error.contains("blocked/file"), "{error}");
            assert_eq!(tree(root), before, "failing at step {failing}");
        }
    }

    #[test]
    fn everything_is_made_and_nothing_is_left_aside() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("old")).unwrap();
        fs::write(root.join("old/removed"), "ours").unwrap();
        fs::write(root.join("edited"), "before").unwrap();
        let mut plan = Plan::new(root);
        plan.write("a/created", "new").unwrap();
        plan.edit("edited", "after").unwrap();
        plan.remove("old/removed", |now| now == b"ours", None)
            .unwrap();
        plan.apply().unwrap();
        let expected = [("a/", ""), ("a/created", "new"), ("edited", "after")];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        assert_eq!(tree(root), BTreeMap::from(expected));
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("edited"), "before").unwrap();
        let mut plan = Plan::new(folder.path());
        plan.edit("edited", "after").unwrap();
        fs::write(folder.path().join("edited"), "by someone else").unwrap();
        let error = plan.apply().unwrap_err().to_string();
        assert!(error.contains("changed by someone else"), "{error}");
        assert_eq!(
            fs::read_to_string(folder.path().join("edited")).unwrap(),
            "by someone else"
        );
    }

    #[test]
    fn an_undecided_conflict_stops_everything_and_a_decided_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["a", "b", "c"] {
            fs::write(root.join(name), "theirs").unwrap();
        }
        let mut plan = Plan::new(root);
        for name in ["a", "b", "c", "d"] {
            plan.write(name, "ours").unwrap();
        }
        assert!(plan.apply().is_err());
        assert!(!root.join("d").exists());
        let mut answers = [Answer::No, Answer::All].into_iter();
        plan.decide(|_| Ok(answers.next().unwrap())).unwrap();
        plan.apply().unwrap();
        let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
        assert_eq!(
            [read("a"), read("b"), read("c"), read("d")],
            ["theirs", "ours", "ours", "ours"]
        );
    }
}
