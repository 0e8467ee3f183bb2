//! The real peers that the stories talk to, and how they get onto a machine.

use anyhow::bail;

use crate::run::{is_present, output, run};

struct Peer {
    /// The program a test starts, and an argument with which it ends at once.
    program: (&'static str, &'static str),
    package: &'static str,
    purpose: &'static str,
}

const PEERS: [Peer; 12] = [
    Peer {
        program: ("sipp", "-v"),
        package: "sip-tester",
        purpose: "calls as a customer, with sound and keys",
    },
    Peer {
        program: ("baresip", "-h"),
        package: "baresip-core",
        purpose: "is the agent's desk phone",
    },
    Peer {
        program: ("chromium", "--version"),
        package: "chromium",
        purpose: "shows the agent's desk",
    },
    Peer {
        program: ("xmllint", "--version"),
        package: "libxml2-utils",
        purpose: "is the oracle for DTD validation",
    },
    Peer {
        program: ("ip", "-V"),
        package: "iproute2",
        purpose: "makes the private network that baresip needs",
    },
    Peer {
        program: ("python3", "--version"),
        package: "python3",
        purpose: "runs the ERP of the example, and wrappers",
    },
    Peer {
        program: ("espeak-ng", "--version"),
        package: "espeak-ng",
        purpose: "says on the telephone what is not recorded",
    },
    Peer {
        program: ("aiosmtpd", "--version"),
        package: "python3-aiosmtpd",
        purpose: "takes the e-mails of scripts",
    },
    Peer {
        program: ("strace", "-V"),
        package: "strace",
        purpose: "ends programs between two of their writes",
    },
    Peer {
        program: ("pg_ctlcluster", "--version"),
        package: "postgresql",
        purpose: "is one of the databases that hold and lend objects",
    },
    Peer {
        program: ("mariadbd-safe", "--help"),
        package: "mariadb-server",
        purpose: "is another of them",
    },
    Peer {
        program: ("openssl", "version"),
        package: "openssl",
        purpose: "signs the certificates of databases",
    },
];

/// Makes sure that every peer is there: installs the missing ones from Debian's packages when this
/// user may, else says which are missing and how to get them.
pub(crate) fn require() -> anyhow::Result<()> {
    let missing: Vec<&Peer> =
        PEERS.iter().filter(|peer| !is_present(peer.program.0, peer.program.1)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("The stories need these programs from Debian's packages (about 600 MB in all):");
    for peer in &missing {
        eprintln!("  {:<16} {} {}", peer.package, peer.program.0, peer.purpose);
    }
    let packages: Vec<&str> = missing.iter().map(|peer| peer.package).collect();
    let may_install = is_present("apt-get", "--version") && output("id", &["-u"])? == "0";
    if !may_install {
        bail!(
            "install them with `sudo apt-get install {}`, or run `cargo xtask test --quick`, \
             which needs none of them",
            packages.join(" ")
        );
    }
    run("apt-get", &["update", "--quiet"])?;
    let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    arguments.extend(packages);
    run("apt-get", &arguments)
}
