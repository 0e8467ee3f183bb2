//! Applications with mistakes, ports in use: everything is said at once, and nothing is started.

use std::process::Output;

use caruso_tests::{Copy, run, utilities};

/// What is made wrong: file, what stood there, what stands there now, the message's place and a
/// part of its text, a part of the hint.
const MISTAKES: [(&str, &str, &str, &str, &str); 6] = [
    (
        "scripts/moving-house.xml",
        "<info id=\"summary\">",
        "<inform id=\"summary\">",
        "inform",
        "info",
    ),
    ("scripts/main-menu.xml", "timeout=\"6\"", "timeuot=\"6\"", "timeuot", "timeout"),
    (
        "scripts/fault-report.xml",
        "to=\"gas_safety\"/>\n    <next to=\"has_gas\"/>",
        "to=\"gas_safty\"/>\n    <next to=\"has_gas\"/>",
        "gas_safty",
        "gas_safety",
    ),
    ("objects/network.xml", "class=\"Meter\" inverse", "class=\"Metre\" inverse", "Metre", "Meter"),
    ("routing.xml", "serves=\"faults moving\"", "serves=\"fautls moving\"", "fautls", "faults"),
    ("data/Meter.csv", "number,connection,", "number,conection,", "conection", "connection"),
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn told(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn check_and_up_tell_every_mistake_with_its_place_and_start_nothing() {
    let copy = Copy::new();
    for (file, old, new, ..) in MISTAKES {
        copy.replace(file, old, new);
    }
    // an element that is unknown hides nothing else in its file: its end must fit it
    copy.replace(
        "scripts/moving-house.xml",
        "cualquier respuesta.</in></note>\n    <next to=\"record\"/>\n  </info>",
        "cualquier respuesta.</in></note>\n    <next to=\"record\"/>\n  </inform>",
    );
    let folder = copy.path().to_str().expect("a plain path");
    let data = tempfile::tempdir().expect("a temporary folder");
    let below = data.path().join("never-made");
    let check = run(&["check", folder]);
    let up = run(&["up", folder, "--data", below.to_str().expect("a plain path")]);
    for output in [&check, &up] {
        assert_eq!(output.status.code(), Some(1), "{}", told(output));
        let told = text(&output.stdout);
        for (file, _, _, wrong, nearest) in MISTAKES {
            let mut lines = told
                .lines()
                .skip_while(|line| !(line.contains(&format!("{file}:")) && line.contains(wrong)));
            let line = lines.next().unwrap_or_else(|| panic!("{file}: `{wrong}` in:\n{told}"));
            let place = line.split_once(&format!("{file}:")).expect("found so").1;
            let mut numbers = place.split(':').map(|number| number.parse::<u32>());
            assert!(matches!(numbers.next(), Some(Ok(1..))), "a line in `{line}`");
            assert!(matches!(numbers.next(), Some(Ok(1..))), "a column in `{line}`");
            let hint = lines.next().unwrap_or_default();
            assert!(line.contains(nearest) || hint.contains(nearest), "{line}\n{hint}");
        }
    }
    assert!(!below.exists(), "nothing was started");
}

#[test]
fn a_busy_port_is_told_with_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = taken.local_addr().expect("bound").to_string();
    let utilities = utilities();
    let folder = utilities.to_str().expect("a plain path");
    let free = "127.0.0.1:0";
    for flag in ["--http", "--sip", "--service-manager"] {
        let mut arguments = vec!["up", folder, "--ephemeral"];
        for each in ["--http", "--sip", "--service-manager"] {
            arguments.extend([each, if each == flag { &address } else { free }]);
        }
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(1));
        let told = told(&output);
        assert!(told.contains(&address) && told.contains(flag), "{told}");
    }
}
