//! A standby, whose replay can be held back.

use std::ops::Deref;
use std::time::{Duration, Instant};

use crate::engine::Installed;
use crate::kind::Kind;
use crate::process;
use crate::server::Server;

const NO_STANDBY: &str = "there are no standbys of Redis here";

/// A server that replays what another one commits, and refuses writes by the user of [`url_of`](Server::url_of).
///
/// It is a [`Server`] too: it can be killed, paused and brought back.
#[derive(Debug)]
pub struct Replica {
    server: Server,
}

impl Replica {
    pub(crate) fn of(primary: &Server) -> Result<Self, String> {
        let options = primary.options();
        if !options.replicated {
            return Err("the primary was not started with `Options::replicated`".to_owned());
        }
        let installed = primary.installed().clone();
        let number = 2 + u32::from(crate::place::free_port()?);
        let mut options = options.clone();
        let server = match primary.kind() {
            Kind::Postgres => Server::fresh(installed, options, number, |installed, home| {
                copy_of(primary, installed, home)
            })?,
            Kind::MariaDb | Kind::MySql => {
                options = options
                    .setting("read-only", 1)
                    .setting("skip-slave-start", 1);
                Server::fresh(installed, options, number, |installed, home| {
                    installed.fill(home)
                })?
            }
            Kind::Redis => return Err(NO_STANDBY.to_owned()),
        };
        let replica = Self { server };
        match primary.kind() {
            Kind::Postgres => {}
            Kind::MariaDb => {
                primary.run(
                    "CREATE USER IF NOT EXISTS replicator@'127.0.0.1' IDENTIFIED BY 'replicator'",
                )?;
                primary.run("GRANT REPLICATION SLAVE ON *.* TO replicator@'127.0.0.1'")?;
                replica.run(&format!(
                    "CHANGE MASTER TO master_host='127.0.0.1', master_port={}, master_user='replicator', \
                     master_password='replicator', master_connect_retry=1, master_use_gtid=slave_pos",
                    primary.port()
                ))?;
                replica.run("START SLAVE")?;
            }
            Kind::MySql => {
                primary.run(
                    "CREATE USER IF NOT EXISTS replicator@'127.0.0.1' IDENTIFIED BY 'replicator'",
                )?;
                primary.run("GRANT REPLICATION SLAVE ON *.* TO replicator@'127.0.0.1'")?;
                replica.run(&format!(
                    "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={}, SOURCE_USER='replicator', \
                     SOURCE_PASSWORD='replicator', SOURCE_CONNECT_RETRY=1, SOURCE_AUTO_POSITION=1, \
                     GET_SOURCE_PUBLIC_KEY=1",
                    primary.port()
                ))?;
                replica.run("START REPLICA")?;
            }
            Kind::Redis => {}
        }
        replica.catch_up(primary)?;
        Ok(replica)
    }

    /// Freezes replay, and nothing else: reads see the past until [`resume_replay`](Self::resume_replay).
    ///
    /// # Errors
    /// What the server says.
    pub fn pause_replay(&self) -> Result<(), String> {
        match self.kind() {
            Kind::Postgres => self.run("SELECT pg_wal_replay_pause()").map(drop)?,
            Kind::MariaDb => return self.run("STOP SLAVE SQL_THREAD").map(drop),
            Kind::MySql => return self.run("STOP REPLICA SQL_THREAD").map(drop),
            Kind::Redis => return Err(NO_STANDBY.to_owned()),
        }
        // asked for is not done: it takes until the next record
        self.wait("replay to pause", || {
            let state = self.run("SELECT pg_get_wal_replay_pause_state()")?;
            Ok(state.first().is_some_and(|it| it == "paused"))
        })
    }

    /// Lets replay go on.
    ///
    /// # Errors
    /// What the server says.
    pub fn resume_replay(&self) -> Result<(), String> {
        let sql = match self.kind() {
            Kind::Postgres => "SELECT pg_wal_replay_resume()",
            Kind::MariaDb => "START SLAVE",
            Kind::MySql => "START REPLICA",
            Kind::Redis => return Err(NO_STANDBY.to_owned()),
        };
        self.run(sql).map(drop)
    }

    /// Applies each commit this much later than it was made, zero for at once; whole seconds, rounded up, but on
    /// PostgreSQL.
    ///
    /// # Errors
    /// What the server says.
    pub fn set_delay(&self, delay: Duration) -> Result<(), String> {
        let seconds = delay.as_millis().div_ceil(1000);
        let steps = match self.kind() {
            Kind::Postgres => vec![
                format!(
                    "ALTER SYSTEM SET recovery_min_apply_delay = '{}ms'",
                    delay.as_millis()
                ),
                "SELECT pg_reload_conf()".to_owned(),
            ],
            Kind::MariaDb => vec![
                "STOP SLAVE".to_owned(),
                format!("CHANGE MASTER TO master_delay={seconds}"),
                "START SLAVE".to_owned(),
            ],
            Kind::MySql => vec![
                "STOP REPLICA SQL_THREAD".to_owned(),
                format!("CHANGE REPLICATION SOURCE TO SOURCE_DELAY={seconds}"),
                "START REPLICA SQL_THREAD".to_owned(),
            ],
            Kind::Redis => return Err(NO_STANDBY.to_owned()),
        };
        for step in steps {
            self.run(&step)?;
        }
        if self.kind() == Kind::Postgres {
            let sql = "SELECT setting FROM pg_settings WHERE name = 'recovery_min_apply_delay'";
            let wanted = delay.as_millis().to_string();
            self.wait("the delay", || Ok(self.run(sql)?.first() == Some(&wanted)))?;
            // sessions have it now; when the process that replays reads it can be seen nowhere
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Waits until it has replayed all that `primary` has committed by now.
    ///
    /// # Errors
    /// When that takes more than 30 seconds, or a server does not answer.
    pub fn catch_up(&self, primary: &Server) -> Result<(), String> {
        let one = |server: &Server, sql: &str| -> Result<String, String> {
            let rows = server.run(sql)?;
            Ok(rows.first().unwrap_or_default().to_owned())
        };
        match self.kind() {
            Kind::Postgres => {
                // a commit of our own flushes those before it that did not wait for the disk
                primary.run("SELECT pg_logical_emit_message(true, '', '')")?;
                let position = one(primary, "SELECT pg_current_wal_lsn()")?;
                let sql = format!("SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn");
                self.wait("the standby", || Ok(one(self, &sql)? == "t"))
            }
            Kind::MariaDb => {
                let position = one(primary, "SELECT @@gtid_binlog_pos")?;
                let sql = format!("SELECT MASTER_GTID_WAIT('{position}', 0.2)");
                self.wait("the replica", || {
                    Ok(position.is_empty() || one(self, &sql)? == "0")
                })
            }
            Kind::MySql => {
                let position = one(primary, "SELECT @@GLOBAL.gtid_executed")?;
                let sql = format!("SELECT GTID_SUBSET('{position}', @@GLOBAL.gtid_executed)");
                self.wait("the replica", || Ok(one(self, &sql)? == "1"))
            }
            Kind::Redis => Err(NO_STANDBY.to_owned()),
        }
    }

    fn wait(
        &self,
        whom: &str,
        mut done: impl FnMut() -> Result<bool, String>,
    ) -> Result<(), String> {
        let began = Instant::now();
        while !done()? {
            if began.elapsed() > Duration::from_secs(30) {
                let log = process::last_words(self.folder());
                return Err(format!("waited 30 s in vain for {whom}: {log}"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Deref for Replica {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

fn copy_of(primary: &Server, installed: &Installed, home: &std::path::Path) -> Result<(), String> {
    let mut command = vec![installed.tool("pg_basebackup")];
    let port = primary.port().to_string();
    let words = [
        "--host=127.0.0.1",
        "--username=postgres",
        "--write-recovery-conf",
        "--wal-method=stream",
        "--checkpoint=fast",
        "--no-sync",
        "--port",
        &port,
        "--pgdata",
    ];
    command.extend(words.map(Into::into));
    command.push(home.join("data").into_os_string());
    process::run(home, installed.account(), &command)
}
