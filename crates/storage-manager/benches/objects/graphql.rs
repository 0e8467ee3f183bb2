//! PostGraphile over the same database, as a process of its own; Node.js and npm must be there,
//! and npm's registry the first time.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::child::Child;
use crate::data::Random;
use crate::load::{CALLERS, Caller, What};

const PACKAGE: &str = "postgraphile@5.1.5";
const SERVER: &str = include_str!("postgraphile.mjs");

const POINT: &str = r#"query ($n: Int!) { it: kdstammByMandtAndKdNr(mandt: "100", kdNr: $n) {
    mandt kdNr name1 seg sperre anldat kredlim bemerk aendzp vers } }"#;
const PAGE: &str = "query ($t: String!) {
    it: allVertrKopfs(condition: { tarif: $t }, first: 50, orderBy: [BEGDAT_DESC]) { nodes {
        vtnr tarif begdat enddat betrag kdstammByMandtAndKdNr { name1 seg sperre } } } }";

/// Starts it, and connects its callers.
pub(crate) async fn start(database: &str) -> anyhow::Result<(Child, Vec<GraphQl>)> {
    let folder = install()?;
    let server = folder.join("server.mjs");
    std::fs::write(&server, SERVER)?;
    let mut command = Command::new("node");
    command.arg(server).arg(database);
    command.env("NODE_ENV", "production").env("GRAPHILE_ENV", "production");
    let mut child = Child::start(&mut command).context("cannot start node")?;
    let port: u16 = child.answer()?.parse().context("no port")?;
    let mut callers = Vec::new();
    for number in 0..CALLERS {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        callers.push(GraphQl { stream: BufReader::new(stream), random: Random::new(number) });
    }
    Ok((child, callers))
}

/// The folder with its packages, below that of all build results.
fn install() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    // TARGET/release/deps/PROGRAM
    let target = program.ancestors().nth(3).unwrap_or(Path::new("target"));
    let folder = target.join("postgraphile");
    if folder.join("node_modules/postgraphile").is_dir() {
        return Ok(folder);
    }
    std::fs::create_dir_all(&folder)?;
    let npm = Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund", PACKAGE])
        .current_dir(&folder)
        .stdout(Stdio::null())
        .status()
        .context("cannot start npm")?;
    ensure!(npm.success(), "npm could not install {PACKAGE}");
    Ok(folder)
}

/// A caller with a connection of its own.
pub(crate) struct GraphQl {
    stream: BufReader<TcpStream>,
    random: Random,
}

impl GraphQl {
    /// The field `it` of an answer.
    async fn query(&mut self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Accept: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).await?;
        let mut length = None;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await?;
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = Some(value.trim().parse()?);
                }
                None if !line.starts_with("HTTP/") => break,
                _ => {}
            }
        }
        let mut body = vec![0; length.context("an answer without a length")?];
        self.stream.read_exact(&mut body).await?;
        let mut answer: Value = serde_json::from_slice(&body)?;
        if let Some(errors) = answer.get("errors") {
            bail!("PostGraphile says {errors}");
        }
        Ok(answer["data"]["it"].take())
    }
}

impl Caller for GraphQl {
    async fn ask(&mut self, what: What) -> anyhow::Result<()> {
        match what {
            What::Point => {
                let number = self.random.customer();
                let found = self.query(POINT, json!({ "n": number })).await?;
                ensure!(found["kdNr"] == number, "a customer is missing");
            }
            What::Page => {
                let tariff = self.random.tariff();
                let found = self.query(PAGE, json!({ "t": tariff })).await?;
                let count = found["nodes"].as_array().map_or(0, Vec::len);
                ensure!(count == 50, "a page is 50 contracts");
            }
            other => bail!("there is no query for {}", other.word()),
        }
        Ok(())
    }
}
