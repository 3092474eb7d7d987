//! Starts that go wrong: a program that dies, a port that someone else was quicker to take.

use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use atlas_servers::{Kind, Server, skipped};

use crate::machine::{Machine, script};

/// A machine with PostgreSQL, whose server runs `first` the first time that it shall serve; `$NOTES` is a folder that it
/// may write to.
fn machine(server: &Server, first: &str) -> (Machine, PathBuf) {
    let real = fs::read_link(format!("/proc/{}/exe", server.pid().unwrap())).unwrap();
    let machine = Machine::bare("postgres");
    let folder = machine.folder.path().join("programs");
    let notes = machine.folder.path().join("notes");
    for path in [&folder, &notes] {
        fs::create_dir(path).unwrap();
    }
    fs::set_permissions(&notes, fs::Permissions::from_mode(0o777)).unwrap();
    let serve = format!(
        "#!/bin/sh\nif [ \"$1\" = -D ] && mkdir \"$NOTES/tried\" 2>/dev/null; then\n{first}\nfi\nexec {} \"$@\"\n",
        real.display()
    );
    script(&folder.join("postgres"), &serve);
    let initdb = real.with_file_name("initdb");
    let initdb = format!("#!/bin/sh\nexec {} \"$@\"\n", initdb.display());
    script(&folder.join("initdb"), &initdb);
    let machine = machine
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("ATLAS_TEST_POSTGRES_BIN", &folder)
        .env("NOTES", &notes);
    (machine, notes)
}

#[test]
fn a_server_that_dies_at_its_start_is_started_once_more_and_that_is_said() {
    let server = match Server::start(Kind::Postgres) {
        Ok(server) => server,
        Err(absent) => return skipped(&absent),
    };
    let (machine, notes) = machine(&server, "echo a cosmic ray; kill -SEGV $$");
    let (text, succeeded, _folder) = machine.start().end();
    assert!(notes.join("tried").exists(), "it died once");
    assert!(succeeded, "{text}");
    assert!(text.starts_with("there postgres://"), "{text}");
    let said = "PostgreSQL is started once more: it ended with signal: 11";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("a cosmic ray"), "its last words: {text}");
}

#[test]
fn a_server_that_always_dies_is_an_error_with_its_last_words() {
    let server = match Server::start(Kind::Postgres) {
        Ok(server) => server,
        Err(absent) => return skipped(&absent),
    };
    let first = "rmdir \"$NOTES/tried\"; echo no memory >&2; exit 3";
    let (machine, _) = machine(&server, first);
    let (text, succeeded, _folder) = machine.start().end();
    assert!(!succeeded, "{text}");
    let expected =
        "PostgreSQL does not work: the server does not start: it ended with exit status: 3";
    assert!(text.contains(expected), "{text}");
    assert_eq!(text.matches("started once more").count(), 2, "{text}");
    assert!(text.contains("no memory"), "{text}");
}

#[test]
fn a_stranger_on_the_port_is_not_taken_for_the_server() {
    let stranger = match Server::start(Kind::Postgres) {
        Ok(server) => server,
        Err(absent) => return skipped(&absent),
    };
    // it tells its port, and sees that it is taken only when told so
    let first = "for word; do case $word in port=*) echo \"${word#port=}\" > \"$NOTES/draft\"; esac; done\n\
                 mv \"$NOTES/draft\" \"$NOTES/port\"\n\
                 until [ -e \"$NOTES/go\" ]; do sleep 0.05; done\n\
                 echo the port is in use; exit 1";
    let (machine, notes) = machine(&stranger, first);
    let starting = std::thread::spawn(move || machine.start());
    let taken: u16 = read(&notes.join("port")).trim().parse().unwrap();
    let asked = forward(taken, stranger.port());
    let began = Instant::now();
    while asked.load(Ordering::Relaxed) < 3 {
        assert!(!starting.is_finished(), "it took the stranger");
        assert!(began.elapsed().as_secs() < 60, "nobody asks the stranger");
        std::thread::sleep(Duration::from_millis(5));
    }
    fs::write(notes.join("go"), "").unwrap();
    let (text, succeeded, _folder) = starting.join().unwrap().end();
    assert!(succeeded, "{text}");
    assert!(text.starts_with("there postgres://"), "{text}");
    assert!(!text.contains(&format!(":{taken}/")), "{text}");
    assert!(text.contains("the port is in use"), "{text}");
}

/// What a file says, once it is there.
fn read(path: &Path) -> String {
    let began = Instant::now();
    while !path.exists() {
        assert!(began.elapsed().as_secs() < 60, "no {}", path.display());
        std::thread::sleep(Duration::from_millis(5));
    }
    fs::read_to_string(path).unwrap()
}

/// Answers on a port as the server on another one does; counts who came.
fn forward(from: u16, to: u16) -> Arc<AtomicU32> {
    let listener = TcpListener::bind(("127.0.0.1", from)).unwrap();
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            let server = TcpStream::connect(("127.0.0.1", to)).unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            for (mut one, mut other) in [
                (client.try_clone().unwrap(), server.try_clone().unwrap()),
                (server, client),
            ] {
                std::thread::spawn(move || {
                    let _ = io::copy(&mut one, &mut other);
                    let _ = other.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
    count
}
