//! One server for many processes, which come and go.
//!
//! Below the folder of a checkout and a kind lies one folder for each server. Its file `ready` says that it may be used;
//! `users` has a file for each process that does, named by its id; `keeper` is the shell that ends the server when those
//! processes are gone. Whoever looks for a server or starts one holds the lock `door`.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use crate::address::Address;
use crate::container as docker;
use crate::engine::Installed;
use crate::keeper;
use crate::kind::Kind;
use crate::launch;
use crate::options::Options;
use crate::place;
use crate::process;

/// Joins the server that runs, or starts it.
pub(crate) fn server(installed: &Installed) -> Result<Address, String> {
    join_or(installed.kind, |home| start(installed, home))
}

/// The same with a container.
pub(crate) fn container(kind: Kind) -> Result<Address, String> {
    join_or(kind, |home| {
        keeper::register(home)?;
        keeper::start(home, keeper::linger())?;
        docker::start(kind, home)
    })
}

fn join_or(kind: Kind, start: impl Fn(&Path) -> Result<u16, String>) -> Result<Address, String> {
    let folder = place::checkout_folder()?.join(kind.word());
    place::folder(&folder)?;
    let lock = folder.join("door");
    let door = File::create(&lock).map_err(|error| place::said(&lock, &error))?;
    door.lock().map_err(|error| place::said(&lock, &error))?;
    let quick = place::quick_root()?
        .join(place::checkout())
        .join(kind.word());
    place::folder(&quick)?;
    for home in homes(&[&folder, &quick]) {
        if let Some(address) = try_join(kind, &home)? {
            return Ok(address);
        }
        if !keeper::is_kept(&home) {
            sweep(&home);
        }
    }
    let home = quick.join(place::unique_home());
    place::folder(&home)?;
    let port = start(&home).inspect_err(|_| keeper::leave(&home))?;
    let draft = home.join("ready.draft");
    let ready = home.join("ready");
    fs::write(&draft, port.to_string())
        .and_then(|()| fs::rename(&draft, &ready))
        .map_err(|error| place::said(&ready, &error))?;
    Ok(Address::local(kind, "127.0.0.1", port).at(&home))
}

fn homes(folders: &[&Path]) -> BTreeSet<PathBuf> {
    let entries = folders.iter().flat_map(std::fs::read_dir);
    let paths = entries.flatten().flatten().map(|entry| entry.path());
    paths.filter(|path| path.is_dir()).collect()
}

fn try_join(kind: Kind, home: &Path) -> Result<Option<Address>, String> {
    let ready = home.join("ready");
    if !ready.exists() || !keeper::is_kept(home) {
        return Ok(None);
    }
    keeper::register(home)?;
    // only now: the keeper takes `ready` away before it counts the users for the last time
    let port = place::number(&ready).and_then(|port| u16::try_from(port).ok());
    let address = port.map(|port| Address::local(kind, "127.0.0.1", port).at(home));
    // a container keeps its data to itself
    let data = home.join("data");
    let address = address.filter(|it| match data.exists() {
        true => it.serves(&data),
        false => it.is_ready(),
    });
    if address.is_none() {
        keeper::leave(home);
    }
    Ok(address)
}

/// Removes what a killed keeper has left.
fn sweep(home: &Path) {
    if let Some(pid) = place::number(&home.join("pid"))
        && process::serves(pid, home)
        && let Ok(pid) = u32::try_from(pid)
    {
        for child in process::children(pid) {
            process::signal(child, Signal::KILL);
        }
        process::signal(pid, Signal::KILL);
    }
    let _ = fs::remove_dir_all(home);
}

fn start(installed: &Installed, home: &Path) -> Result<u16, String> {
    keeper::register(home)?;
    keeper::start(home, keeper::linger())?;
    installed.fill(home)?;
    let (_, port) = launch::first(installed, home, &Options::shared(), 1)?;
    Ok(port)
}
