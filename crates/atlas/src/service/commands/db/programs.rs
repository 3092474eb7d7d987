//! The engine's own programs: its client, and what dumps.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use atlas_core::ExitStatus;
use atlas_db::{Admin, MissingClient};
use clap::ArgMatches;

use super::Outcome;
use crate::service::failure::Failure;

pub(super) fn console(admin: &Admin, matches: &ArgMatches) -> Outcome {
    let mut command = admin.console().map_err(missing)?;
    command.args(
        matches
            .get_many::<String>("arguments")
            .into_iter()
            .flatten(),
    );
    become_it(command)
}

/// Becomes the client: terminal and signals are between it and the caller, with nobody in between.
#[cfg(unix)]
fn become_it(mut command: Command) -> Outcome {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(not_started(&command, &error))
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> Outcome {
    let status = command.status();
    let status = status.map_err(|error| not_started(&command, &error))?;
    Ok(ended(status))
}

pub(super) async fn dump(admin: &Admin, matches: &ArgMatches) -> Outcome {
    let schema_only = matches.get_flag("schema-only");
    let output = matches.get_one::<std::path::PathBuf>("output");
    // whoever reads it never sees half of it
    let part = output.map(|file| file.with_added_extension("part"));
    let outcome = match admin.dump_program(schema_only).map_err(missing)? {
        Some(command) => program(command, part.as_deref()),
        None => ours(admin, schema_only, part.as_deref()).await,
    };
    if let (Some(file), Some(part)) = (output, &part) {
        match &outcome {
            Ok(status) if status.code() == 0 => {
                fs::rename(part, file).map_err(|error| unwritable(file, &error))?;
            }
            _ => drop(fs::remove_file(part)),
        }
    }
    outcome
}

fn program(mut command: Command, output: Option<&Path>) -> Outcome {
    if let Some(file) = output {
        command.stdout(create(file)?);
    }
    let status = command.stdin(Stdio::null()).status();
    let status = status.map_err(|error| not_started(&command, &error))?;
    Ok(ended(status))
}

async fn ours(admin: &Admin, schema_only: bool, output: Option<&Path>) -> Outcome {
    let mut out: Box<dyn Write + Send> = match output {
        Some(file) => Box::new(BufWriter::new(create(file)?)),
        None => Box::new(BufWriter::new(io::stdout())),
    };
    let dumped = admin
        .dump(schema_only, |text| out.write_all(text.as_bytes()))
        .await;
    dumped?;
    out.flush()
        .map_err(|error| Failure::new(format!("the dump cannot be written: {error}")))?;
    Ok(ExitStatus::SUCCESS)
}

fn create(file: &Path) -> Result<File, Failure> {
    File::create(file).map_err(|error| unwritable(file, &error))
}

fn unwritable(file: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write `{}`: {error}", file.display()))
}

fn missing(client: MissingClient) -> Failure {
    Failure::new(client.to_string())
        .help(client.help())
        .exit(69)
}

fn not_started(command: &Command, error: &io::Error) -> Failure {
    let program = Path::new(command.get_program());
    Failure::new(format!("cannot start `{}`: {error}", program.display())).exit(69)
}

/// Ends as the program did.
fn ended(status: std::process::ExitStatus) -> ExitStatus {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    ExitStatus::new(code.unwrap_or(1))
}
