//! `atlas demo`: the whole way from nothing to answers.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
};

use crate::support::{atlas, stderr};

/// Runs a demo: every request that it proposes is answered, and a signal ends it in order.
///
/// One at a time: all demos share a folder.
pub(crate) fn try_out(demo: &mut Command) {
    let mut demo = demo
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = demo.stderr.take().unwrap();
    let said = std::thread::spawn(move || {
        let mut text = String::new();
        err.read_to_string(&mut text).map(|_| text)
    });
    let mut lines = BufReader::new(demo.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let is_request = |line: &String| line.trim().starts_with("curl ");
    let requests: Vec<String> = lines.by_ref().filter(is_request).take(3).collect();
    if requests.len() < 3 {
        panic!(
            "the demo ended with {}\n{}",
            demo.wait().unwrap(),
            said.join().unwrap().unwrap()
        );
    }
    for (request, words) in requests.iter().zip(["next_cursor", "Sunglasses", "Mug"]) {
        let url = request
            .split('\'')
            .nth(1)
            .unwrap()
            .strip_prefix("http://")
            .unwrap();
        let (address, path) = url.split_at(url.find('/').unwrap());
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.contains(words),
            "{request}\n{answer}"
        );
    }
    assert!(
        Command::new("kill")
            .arg(demo.id().to_string())
            .status()
            .unwrap()
            .success()
    );
    lines.for_each(drop);
    assert_eq!(demo.wait().unwrap().code(), Some(0));
}

#[test]
fn a_port_in_use_is_said_before_anything_is_built() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = atlas(&["demo", "--port", &port]).output().unwrap();
    assert_eq!(output.status.code(), Some(69));
    let words = stderr(&output);
    assert!(
        words.starts_with(&format!("error[A201]: port {port} is in use")),
        "{words}"
    );
    assert!(words.contains("--port 0"), "{words}");
    assert!(!words.contains("generated"), "{words}");
}
