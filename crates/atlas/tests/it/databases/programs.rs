//! The engine's own client, and dumps.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use super::{House, on_every_engine};
use crate::support::Service;

on_every_engine! {
    fn a_dump_makes_the_database_anew(house: House of "house") {
        let service = &house.service;
        service.run(&["db", "prepare"]).ends_with(0);
        let before = house.names();
        assert_eq!(before, "sencha, it's \"green\"\noolong\n");

        let schema = service.run(&["db", "dump", "--schema-only"]).ends_with(0);
        assert!(schema.out.contains("CREATE TABLE"), "{schema:#?}");
        assert!(!schema.out.contains("oolong"), "{schema:#?}");
        service.run(&["db", "dump", "--output", "it.sql"]).ends_with(0);
        let file = service.dir().join("it.sql");
        assert!(fs::read_to_string(&file).unwrap().contains("oolong"));
        assert!(!service.dir().join("it.sql.part").exists());

        service.run(&["db", "drop", "--yes"]).ends_with(0);
        service.run(&["db", "create"]).ends_with(0);
        let mut console = service.command(&["db", "console"]);
        let restored = console.stdin(File::open(&file).unwrap()).output().unwrap();
        assert!(restored.status.success(), "{restored:#?}");
        assert_eq!(house.names(), before);
        service.run(&["migrate", "status", "--check"]).ends_with(0);
        service.run(&["db", "drop", "--yes"]).ends_with(0);
    }
}

/// A client that says how it was called.
fn with_client(service: Service, program: &str) -> Service {
    let bin = service.dir().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let script = "#!/bin/sh\necho \"$@\"\necho \"$PGPASSWORD$MYSQL_PWD $PGSSLMODE\"\n";
    fs::write(bin.join(program), script).unwrap();
    fs::set_permissions(bin.join(program), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/bin:/usr/bin", bin.display());
    service.env("PATH", &path)
}

#[test]
fn a_password_goes_through_the_environment_and_never_through_arguments() {
    for (url, program, arguments) in [
        (
            "postgres://tea%20maker:s%40cret@db.internal:5433/teas?sslmode=require",
            "psql",
            "--host=db.internal --port=5433 --username=tea maker --dbname=teas -c SELECT 1",
        ),
        (
            "mariadb://maker:s%40cret@db.internal/teas?ssl-mode=required",
            "mariadb",
            "--host=db.internal --user=maker --protocol=tcp --ssl --skip-ssl-verify-server-cert --database=teas -c SELECT 1",
        ),
    ] {
        let service = with_client(Service::new("house"), program).env("ATLAS_DATABASE__URL", url);
        let ran = service
            .run(&["db", "console", "--", "-c", "SELECT 1"])
            .ends_with(0);
        let mut lines = ran.out.lines();
        assert_eq!(lines.next().unwrap(), arguments);
        assert!(lines.next().unwrap().starts_with("s@cret "), "{ran:#?}");
    }
}

#[test]
fn a_client_that_is_not_installed_is_named_with_the_way_to_get_it() {
    for (url, program) in [
        ("sqlite://teas.sqlite", "sqlite3"),
        ("postgres://it@127.0.0.1/teas", "psql"),
        ("mysql://it@127.0.0.1/teas", "mysql"),
    ] {
        let service = Service::new("house")
            .env("PATH", "/nowhere")
            .env("ATLAS_DATABASE__URL", url);
        let ran = service.run(&["db", "console"]).ends_with(69);
        assert!(
            ran.err.starts_with(&format!("error: `{program}`")),
            "{ran:#?}"
        );
        assert!(
            ran.err.contains("= help: install it: `apt-get install "),
            "{ran:#?}"
        );
        if program != "sqlite3" {
            let ran = service.run(&["db", "dump", "-o", "it.sql"]).ends_with(69);
            assert!(ran.err.contains("is not installed"), "{ran:#?}");
            assert!(!service.dir().join("it.sql").exists());
        }
    }
}

#[test]
fn a_dump_that_fails_leaves_no_file() {
    let service =
        Service::new("house").env("ATLAS_DATABASE__URL", "postgres://it@127.0.0.1:1/teas");
    let ran = service.run(&["db", "dump", "-o", "it.sql"]);
    assert_ne!(ran.code, 0, "{ran:#?}");
    assert_eq!(fs::read_dir(service.dir()).unwrap().count(), 0);
}

#[test]
fn memory_has_no_console() {
    let service = Service::new("house").env("ATLAS_DATABASE__URL", "sqlite::memory:");
    let ran = service
        .command(&["db", "console"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(69));
}
