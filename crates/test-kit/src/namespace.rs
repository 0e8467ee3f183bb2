//! A network of one's own for a test: a namespace whose only interface is `lo`, with a second
//! address that is not loopback, since some programs ignore loopback addresses.
//!
//! A test cannot move its running threads into a namespace, so it runs itself again inside one.

use crate::program::{Missing, find, need_root};
use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;

/// The address inside, of a range that is reserved for documentation (RFC 5737).
pub const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));

/// Set in the environment of what runs inside.
const MARK: &str = "CARUSO_TEST_NAMESPACE";

/// What became of [`enter`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// This is the inside: go on.
    Inside,
    /// The test ran inside, and passed or failed so.
    Ran {
        /// Whether it passed.
        passed: bool,
    },
}

/// Runs the test with this full name again inside a namespace, from the test itself.
///
/// # Errors
/// [`Missing`] without root or without the programs `unshare` and `ip`.
pub fn enter(test: &str) -> Result<Entered, Missing> {
    if std::env::var_os(MARK).is_some() {
        return Ok(Entered::Inside);
    }
    need_root("a network namespace")?;
    let unshare = find("unshare", "util-linux")?;
    let ip = find("ip", "iproute2")?;
    let Ok(program) = std::env::current_exe() else {
        return Ok(Entered::Ran { passed: false });
    };
    // The shell gets all values as arguments, so that none is read as shell text.
    let script =
        "\"$0\" link set lo up && \"$0\" address add \"$1\"/32 dev lo && shift && exec \"$@\"";
    let status = Command::new(unshare)
        .args(["--net", "sh", "-c", script])
        .arg(ip)
        .arg(ADDRESS.to_string())
        .arg(program)
        .args(["--exact", test, "--nocapture"])
        .env(MARK, "1")
        .status();
    Ok(Entered::Ran { passed: status.is_ok_and(|status| status.success()) })
}
