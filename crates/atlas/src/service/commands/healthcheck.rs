//! `healthcheck`: is the service that runs here ready? For containers, which have no `curl`.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use atlas_core::ExitStatus;
use atlas_http::HttpConfig;
use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::json;

use super::Outcome;
use crate::service::cli;
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;

/// How long connecting and answering may take, each.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn command() -> Command {
    Command::new("healthcheck")
        .about("Asks the service that runs on this machine whether it is ready; exits with 1 when it is not")
        .arg(
            Arg::new("path")
                .long("path")
                .value_name("PATH")
                .default_value("/readyz")
                .help("What to ask for: /readyz, /livez or /startupz"),
        )
        .arg(
            Arg::new("address")
                .long("address")
                .value_name("ADDRESS")
                .value_parser(value_parser!(SocketAddr))
                .help("Where to ask, such as what `worker --listen` was given; else where `http` listens"),
        )
        .arg(cli::json())
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let address = match matches.get_one::<SocketAddr>("address") {
        Some(address) => *address,
        None => configured(invocation).await?,
    };
    let address = reachable(address);
    let path = matches
        .get_one::<String>("path")
        .map_or("/readyz", String::as_str);
    let answer = ask(address, path);
    if matches.get_flag("json") {
        invocation.printer.json(&json!({
            "address": address.to_string(),
            "path": path,
            "healthy": matches!(answer, Ok(200)),
            "status": answer.as_ref().ok(),
            "error": answer.as_ref().err().map(ToString::to_string),
        }));
    }
    match answer {
        Ok(200) => Ok(ExitStatus::SUCCESS),
        Ok(status) => Err(Failure::new(format!(
            "http://{address}{path} answered {status}"
        ))),
        Err(error) => Err(Failure::new(format!(
            "http://{address}{path} did not answer: {error}"
        ))),
    }
}

/// Where the service listens.
async fn configured(invocation: &Invocation) -> Result<SocketAddr, Failure> {
    let app = invocation.valid_app().await?;
    let name = app.name();
    let config = app.resolve::<Option<HttpConfig>>().await?.ok_or_else(|| {
        Failure::new(format!("`{name}` does not listen"))
            .help("add `.module(atlas::http::module())` to the app; for a worker say `--address`")
    })?;
    Ok(SocketAddr::new(config.host, config.port))
}

/// Where a service that listens on every address is reached from the same machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// The status of a GET request.
fn ask(address: SocketAddr, path: &str) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    // the status line begins `HTTP/1.1 200`
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    let status = std::str::from_utf8(&head[9..])
        .ok()
        .and_then(|text| text.parse().ok());
    status.ok_or_else(|| std::io::Error::other("the answer is not HTTP"))
}
