//! Encryption, as the URL asks for it, with real servers that speak it.

use atlas_db::{Db, DbConfig, Engine, Error, Migrations};
use atlas_servers::{Options, Server};

use crate::support::{
    engines::{kind, run},
    golden, value,
};

const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/tls/authority.pem");

/// A server of its own that is `localhost` by its certificate; nothing when there is none here.
async fn encrypted(engine: Engine) -> Option<Server> {
    private(
        engine,
        Options::new().tls(
            include_str!("tls/server.pem"),
            include_str!("tls/server.key"),
        ),
    )
    .await
}

async fn private(engine: Engine, options: Options) -> Option<Server> {
    let start = move || Server::start_with(kind(engine), options);
    match tokio::task::spawn_blocking(start).await.unwrap() {
        Ok(server) => Some(server),
        Err(absent) => {
            atlas_servers::skipped(&absent);
            None
        }
    }
}

/// A handle of the server's own database by a host name, with parameters.
fn by(server: &Server, host: &str, parameters: &str) -> Db {
    let url = server.admin_url().replace("127.0.0.1", host);
    let separator = if url.contains('?') { '&' } else { '?' };
    Db::new(&DbConfig::at(format!("{url}{separator}{parameters}"))).unwrap()
}

async fn is_encrypted(db: &Db) -> bool {
    match db.engine() {
        Engine::Postgres => {
            let sql = "SELECT CASE WHEN ssl THEN 1 ELSE 0 END FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            value(db, sql).await == "1"
        }
        _ => {
            use atlas_db::sea_orm::{ConnectionTrait, Statement};
            let sql = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";
            let status = Statement::from_string(db.get_database_backend(), sql);
            let row = db.query_one_raw(status).await.unwrap().unwrap();
            !row.try_get_by_index::<String>(1).unwrap().is_empty()
        }
    }
}

async fn modes(engine: Engine, authority: &str) {
    let Some(server) = encrypted(engine).await else {
        return;
    };
    for (host, parameters, secret) in [
        ("127.0.0.1", "sslmode=disable".to_owned(), false),
        ("127.0.0.1", "sslmode=prefer".to_owned(), true),
        ("127.0.0.1", "sslmode=require".to_owned(), true),
        (
            "127.0.0.1",
            format!("sslmode=verify-ca&{authority}={AUTHORITY}"),
            true,
        ),
        (
            "localhost",
            format!("sslmode=verify-full&{authority}={AUTHORITY}"),
            true,
        ),
    ] {
        let db = by(&server, host, &parameters);
        let sign = db.ping().await;
        assert!(sign.is_ok(), "{parameters}: {sign:?}");
        assert_eq!(is_encrypted(&db).await, secret, "{parameters}");
        db.close().await;
    }
    for (host, parameters, problem) in [
        (
            "localhost",
            "sslmode=verify-full".to_owned(),
            "UnknownIssuer",
        ),
        ("localhost", "sslmode=verify-ca".to_owned(), "UnknownIssuer"),
        (
            "127.0.0.1",
            format!("sslmode=verify-full&{authority}={AUTHORITY}"),
            "not valid for name",
        ),
    ] {
        let db = by(&server, host, &parameters);
        let error = db.ping().await.unwrap_err();
        assert!(error.to_string().contains(problem), "{parameters}: {error}");
        let refused = Migrations::new(db, Vec::new())
            .unwrap()
            .check()
            .await
            .unwrap_err();
        assert_eq!((refused.code(), refused.exit_code()), ("A209", 78));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_encrypted_as_the_url_asks() {
    modes(Engine::Postgres, "sslrootcert").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_is_encrypted_as_the_url_asks() {
    modes(Engine::MariaDb, "ssl-ca").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_is_encrypted_as_the_url_asks() {
    modes(Engine::MySql, "ssl-ca").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_encryption_does_not_get_a_secret() {
    for engine in [Engine::Postgres, Engine::MariaDb] {
        let Some(server) = private(engine, Options::new()).await else {
            continue;
        };
        let db = by(&server, "127.0.0.1", "sslmode=require");
        let error = Migrations::new(db, Vec::new())
            .unwrap()
            .check()
            .await
            .unwrap_err();
        let words = error
            .to_string()
            .replace(&server.port().to_string(), "<port>");
        golden(
            &format!("A209_tls_{}.txt", engine.system()),
            &words,
            "/nowhere".as_ref(),
        );
        let plain = by(&server, "127.0.0.1", "sslmode=prefer");
        plain.ping().await.unwrap();
        assert!(!is_encrypted(&plain).await);
    }
}

/// MySQL's own way to log in (`caching_sha2_password`) encrypts the password with the server's key when nothing else is
/// encrypted; the second login is answered from the server's cache.
#[tokio::test(flavor = "multi_thread")]
async fn mysql_takes_a_password_without_tls() {
    let Some(server) = private(Engine::MySql, Options::new()).await else {
        return;
    };
    run(&server.admin_url(), "CREATE DATABASE shop").await;
    let user = "CREATE USER 'keeper'@'%' IDENTIFIED WITH caching_sha2_password BY 'p@ss/word#1'; \
                GRANT ALL ON shop.* TO 'keeper'@'%'";
    run(&server.admin_url(), user).await;
    let at = |password: &str| {
        let url = format!(
            "mysql://keeper:{password}@127.0.0.1:{}/shop?ssl-mode=disabled",
            server.port()
        );
        Db::new(&DbConfig::at(url)).unwrap()
    };
    for _ in 0..2 {
        let db = at("p%40ss%2Fword%231");
        db.ping().await.unwrap();
        assert!(!is_encrypted(&db).await);
        db.close().await;
    }
    let error: Error = at("wrong").ping().await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("Access denied for user 'keeper'"),
        "{error}"
    );
}
