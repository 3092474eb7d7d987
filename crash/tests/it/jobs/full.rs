//! J37: a server without room for more.

use std::{
    env,
    io::Write,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::Command,
};

use atlas_jobs::{Error, Job, State};
use atlas_servers::{Kind, Options, Server, skipped};
use crash::jobs::{Work, client};
use tempfile::TempDir;
use tokio::task::block_in_place;

use super::case::Case;

/// The small disk of the process that [`a_process_with_a_small_disk`] is, run again.
const SMALL_DISK: &str = "CRASH_SMALL_DISK";
/// Becomes another program, with a file system of its own in a folder that nobody else sees.
const WITH_DISK: &str = r#"mount -t tmpfs -o size=8m none "$0" && exec "$@""#;

#[test]
fn a_server_whose_disk_is_full_refuses_jobs_until_there_is_room() {
    let folder = TempDir::new().unwrap();
    let with_disk = |program: &Path| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", WITH_DISK]);
        command.arg(folder.path()).arg(program);
        command
    };
    let tried = with_disk("true".as_ref()).output();
    if !tried.is_ok_and(|output| output.status.success()) {
        // past the harness, which keeps to itself what a passing test prints
        writeln!(
            std::io::stderr(),
            "SKIPPED: `a_server_whose_disk_is_full_refuses_jobs_until_there_is_room`: nothing can be mounted here\n  \
             help: run the tests as root"
        )
        .unwrap();
        return;
    }
    if let Err(absent) = Server::start(Kind::Postgres) {
        skipped(&absent);
        return;
    }
    let output = with_disk(&env::current_exe().unwrap())
        .args([
            "--exact",
            "jobs::full::a_process_with_a_small_disk",
            "--nocapture",
        ])
        .env(SMALL_DISK, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    assert!(said.contains("the disk was full"), "{said}{errors}");
}

/// What that process does; on its own it has no small disk, and so nothing to see.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_with_a_small_disk() {
    let Some(disk) = env::var_os(SMALL_DISK).map(PathBuf::from) else {
        return;
    };
    let server = block_in_place(|| on_disk(&disk));
    let ballast = disk.join("ballast");
    std::fs::write(&ballast, vec![1; 4 << 20]).unwrap();
    let case = Case::on(server, crash::Seed::new(module_path!(), 1)).await;
    let jobs = client(case.store.clone());

    let mut acknowledged = 0;
    let error = loop {
        let mut batch = Vec::new();
        for _ in 0..10 {
            let job = jobs.enqueue_raw(Work::KIND, payload());
            batch.push(job.prepare().await.unwrap());
        }
        match case.store.enqueue(batch).await {
            Ok(_) => acknowledged += 10,
            Err(error) => break error,
        }
        assert!(acknowledged < 2000, "the disk is never full");
    };
    let Error::Refused(source) = &error else {
        panic!("{error:?}");
    };
    let source = source.downcast_ref::<atlas_db::Error>().unwrap();
    assert!(source.is_full(), "{source:?}");
    let stats = case.store.stats(false).await.unwrap();
    let there: u64 = stats.queues["default"].jobs.values().sum();
    assert_eq!(
        there, acknowledged,
        "all or none of a call's jobs are there"
    );

    // a worker may find that not even a claim has room, and is there when there is some again
    let _worker = case.worker();
    case.eventually("the worker has noticed", async || {
        case.logs().contains("the store gives no jobs") || !case.lines().is_empty()
    })
    .await;
    std::fs::remove_file(&ballast).unwrap();
    case.enqueue(vec![Work::default()]).await;
    let acknowledged = usize::try_from(acknowledged).unwrap();
    let verdict = case.verdict(acknowledged + 1).await;
    for job in &verdict.jobs {
        assert_eq!(job.state, State::Completed, "{job:?}");
    }
    say("the disk was full");
    case.remove().await;
}

/// A server whose tables lie on this disk.
fn on_disk(disk: &Path) -> Server {
    let options = Options::new().setting("default_tablespace", "small");
    let server = Server::start_with(Kind::Postgres, options).unwrap();
    let space = disk.join("space");
    std::fs::create_dir(&space).unwrap();
    let owner = std::fs::metadata(server.folder().join("data")).unwrap();
    chown(&space, Some(owner.uid()), Some(owner.gid())).unwrap();
    let space = space.display();
    server
        .run(&format!("CREATE TABLESPACE small LOCATION '{space}'"))
        .unwrap();
    server
}

/// A job of 20 kB that nothing makes smaller.
fn payload() -> Vec<u8> {
    let padding: String = std::iter::repeat_with(fastrand::alphanumeric)
        .take(20_000)
        .collect();
    let work = serde_json::to_string(&Work::default()).unwrap();
    let rest = work.strip_prefix('{').unwrap();
    format!(r#"{{"padding":"{padding}",{rest}"#).into_bytes()
}

#[allow(clippy::print_stdout, reason = "the parent reads it")]
fn say(words: &str) {
    println!("\n{words}");
}
