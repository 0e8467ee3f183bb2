//! The database servers, through their own client programs.

use caruso_test_kit::{Failed, Missing, mariadb, postgres};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
/// Set in the environment of a process that starts a server and dies.
const MARK: &str = "CARUSO_TEST_DIES";

/// The server, or why this test is skipped.
macro_rules! server {
    ($started:expr) => {
        match $started {
            Ok(started) => started.expect("the server runs"),
            Err(missing) => return println!("{missing}"),
        }
    };
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn place(url: &str) -> SocketAddr {
    let place = url.rsplit('@').next().and_then(|rest| rest.split('/').next());
    place.and_then(|place| place.parse().ok()).expect("a URL with a loopback address")
}

fn is_listening(url: &str) -> bool {
    TcpStream::connect(place(url)).is_ok()
}

/// Segments of shared memory of the whole system, as the kernel lists them.
fn segments() -> Vec<String> {
    let list = std::fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    list.lines().filter_map(|line| Some(line.split_whitespace().nth(1)?.to_owned())).collect()
}

/// The segment of the PostgreSQL server in this folder.
fn segment(folder: &Path) -> String {
    let file = std::fs::read_to_string(folder.join("data/postmaster.pid")).expect("it runs");
    let line = file.lines().nth(6).and_then(|line| line.split_whitespace().nth(1));
    line.expect("its seventh line ends with the segment").to_owned()
}

#[test]
fn postgres_makes_databases_survives_a_crash_and_leaves_nothing() {
    let start = Instant::now();
    let mut server = server!(postgres::Server::start());
    println!("PostgreSQL answers after {:?}", start.elapsed());
    let url = server.database("crm_1").expect("a new name");
    assert!(url.starts_with("postgres://caruso:") && url.ends_with("/crm_1"), "{url}");
    assert!(matches!(server.database("crm_1"), Err(Failed::Status { .. })), "the name is taken");
    assert!(matches!(server.database("no name"), Err(Failed::Run { .. })), "no plain name");
    let made = "CREATE TABLE t (a text); INSERT INTO t VALUES ('ä'); SELECT 1, a FROM t";
    assert_eq!(server.run("crm_1", made).expect("valid SQL"), "1|ä\n");

    server.kill();
    assert!(!is_listening(&url), "killed");
    assert!(server.run("crm_1", "SELECT 1").is_err());
    server.kill();
    server.restart().expect("it recovers");
    assert_eq!(server.run("crm_1", "SELECT a FROM t").expect("as before"), "ä\n");
    server.restart().expect("a running one, too");

    let (folder, segment) = (server.folder().to_owned(), segment(server.folder()));
    assert!(segments().contains(&segment), "the kernel knows it");
    drop(server);
    assert!(!is_listening(&url) && !folder.exists(), "it leaves {}", folder.display());
    assert!(!segments().contains(&segment), "it leaves shared memory");
}

#[test]
fn mariadb_makes_databases_survives_a_crash_and_leaves_nothing() {
    let start = Instant::now();
    let mut server = server!(mariadb::Server::start());
    println!("MariaDB answers after {:?}", start.elapsed());
    let url = server.database("crm_1").expect("a new name");
    assert!(url.starts_with("mysql://caruso:") && url.ends_with("/crm_1"), "{url}");
    assert!(matches!(server.database("crm_1"), Err(Failed::Status { .. })), "the name is taken");
    assert!(matches!(server.database("no name"), Err(Failed::Run { .. })), "no plain name");
    let made = "CREATE TABLE t (a text); INSERT INTO t VALUES ('ä'); SELECT 1, a FROM t";
    assert_eq!(server.run("crm_1", made).expect("valid SQL"), "1\tä\n");

    server.kill();
    assert!(!is_listening(&url), "killed");
    server.restart().expect("it recovers");
    assert_eq!(server.run("crm_1", "SELECT a FROM t").expect("as before"), "ä\n");
    let users = "SELECT user FROM mysql.global_priv WHERE user NOT IN ('mariadb.sys', 'PUBLIC')";
    assert_eq!(server.run("mysql", users).expect("readable"), "caruso\n", "nobody else comes in");

    let folder = server.folder().to_owned();
    server.kill();
    drop(server);
    assert!(!is_listening(&url) && !folder.exists(), "it leaves {}", folder.display());
}

#[test]
fn settings_reach_the_servers() {
    let postgres = server!(postgres::Server::start_with(&["fsync=off"]));
    assert_eq!(postgres.run("", "SHOW fsync").expect("valid SQL"), "off\n");
    let mariadb = server!(mariadb::Server::start_with(&["max-connections=17"]));
    assert_eq!(mariadb.run("", "SELECT @@max_connections").expect("valid SQL"), "17\n");
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let wrong = match postgres::Server::start_with(&["no_such_setting=1"]) {
        Ok(started) => started,
        Err(missing) => return println!("{missing}"),
    };
    let error = wrong.expect_err("no such setting");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

/// Runs the test with this name again in a process that dies of SIGABRT, and answers with the
/// address and the folder of the server which that process started.
fn die(test: &str) -> Option<(String, PathBuf)> {
    let program = std::env::current_exe().expect("a test is a program");
    let mut command = Command::new(program);
    let output = command.args(["--exact", test, "--nocapture"]).env(MARK, "1").output();
    let text = String::from_utf8_lossy(&output.expect("it runs").stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("started "));
    let Some((url, folder)) = line.and_then(|line| line.split_once(' ')) else {
        println!("{text}");
        assert!(text.contains("skipped:"), "neither started nor skipped");
        return None;
    };
    Some((url.to_owned(), folder.into()))
}

fn is_to_die() -> bool {
    std::env::var_os(MARK).is_some()
}

fn is_gone(url: &str, folder: &Path) {
    wait_until("the orphan ends", || !is_listening(url));
    wait_until("its folder goes", || !folder.exists());
}

#[test]
fn a_shared_postgres_ends_with_the_process_that_started_it() {
    if is_to_die() {
        let server = server!(postgres::Server::shared());
        let again = server!(postgres::Server::shared());
        println!("\nstarted {} {}", server.url(), again.folder().display());
        std::process::abort();
    }
    let test = "a_shared_postgres_ends_with_the_process_that_started_it";
    if let Some((url, folder)) = die(test) {
        is_gone(&url, &folder);
    }
}

#[test]
fn a_shared_mariadb_ends_with_the_process_that_started_it() {
    if is_to_die() {
        let server = server!(mariadb::Server::shared());
        println!("\nstarted {} {}", server.url(), server.folder().display());
        std::process::abort();
    }
    let test = "a_shared_mariadb_ends_with_the_process_that_started_it";
    if let Some((url, folder)) = die(test) {
        is_gone(&url, &folder);
    }
}

#[test]
fn what_is_missing_names_its_package() {
    let missing = Missing::Program { program: "postgres", package: "postgresql" };
    let said = "skipped: `postgres` is not installed (Debian package postgresql)";
    assert_eq!(missing.to_string(), said);
}
