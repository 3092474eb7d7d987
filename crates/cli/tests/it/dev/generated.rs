//! `atlas dev` with what `atlas new` writes: the real framework, a real database, real requests under way.

use std::{
    io::{Read, Write},
    path::PathBuf,
};

use super::running::{Answer, Dev};
use crate::support::{atlas, binary, save, stderr};

/// A new service that shares what cargo has built for this workspace.
struct Service {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl Service {
    /// No two tests may have the same `name`: it is the file the binary is put into.
    fn new(name: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let output = atlas(&["new", name, "--no-input"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        Self { folder, name }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(self.name).join(name)
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.file(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        self.write(file, &text.replace(from, to));
    }

    fn write(&self, file: &str, text: &str) {
        save(&self.file(""), file, text);
    }

    fn dev(&self) -> Dev {
        let target = binary().parent().unwrap().parent().unwrap().to_owned();
        let mut command = atlas(&["dev", "--json", "--port", "0"]);
        command
            .current_dir(self.file(""))
            .env("CARGO_TARGET_DIR", target);
        Dev::run(&mut command)
    }
}

#[test]
fn a_request_under_way_is_finished_by_the_old_version_and_the_next_is_answered_by_the_new_one() {
    let service = Service::new("dev-probe");
    let dev = service.dev();
    let products = dev.get("/products", "*/*");
    assert_eq!(products.status, 200);
    assert!(
        products.body.contains("OLJCESPC7Z"),
        "seeded: {}",
        products.body
    );
    assert_eq!(dev.get("/wares", "*/*").status, 404);

    let mut under_way = dev.connect();
    let body = "{\"name\":\"Tea\"}";
    let head = format!(
        "POST /products HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        dev.address,
        body.len()
    );
    under_way
        .write_all(format!("{head}{}", &body[..4]).as_bytes())
        .unwrap();
    // Another answer on another connection: by now the old version has the first request.
    assert_eq!(dev.get("/livez", "*/*").status, 200);

    service.replace(
        "src/catalog/routes.rs",
        "Routes::new(\"/products\")",
        "Routes::new(\"/wares\")",
    );
    dev.wait_log("no new connections");
    let mut next = dev.ask("/wares", "*/*");
    under_way.write_all(&body.as_bytes()[4..]).unwrap();
    let mut answer = String::new();
    under_way.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 422 "),
        "an incomplete product, refused by the old version: {answer}"
    );

    assert_eq!(dev.wait("ended")["status"], "exit status: 0");
    assert_eq!(Answer::read(&mut next).status, 200);
    assert_eq!(dev.get("/products", "*/*").status, 404);
}

#[test]
fn a_setting_that_is_wrong_is_shown_in_the_browser_and_a_service_does_not_survive_atlas_dev() {
    let service = Service::new("dev-probe-settings");
    let mut dev = service.dev();
    assert_eq!(dev.get("/livez", "*/*").status, 200);
    dev.wait("started");
    let settings = std::fs::read_to_string(service.file("config/development.toml")).unwrap();
    service.write(
        "config/development.toml",
        &format!("{settings}\n[htpp]\nport = 1\n"),
    );
    assert_eq!(dev.wait("died")["status"], "exit status: 78");
    let page = dev.get("/products", "text/html");
    assert_eq!(page.status, 503);
    assert!(
        page.body.contains("htpp") && page.body.contains("config/development.toml"),
        "{}",
        page.body
    );

    service.write("config/development.toml", &settings);
    let pid = dev.wait("started")["pid"].as_u64().unwrap();
    assert_eq!(dev.get("/products", "*/*").status, 200);
    dev.signal("KILL");
    dev.end();
    crate::support::eventually("the end of the service", || !crate::support::is_alive(pid));
}
