//! `cargo xtask`: the one front for everything a developer does with this checkout.
//!
//! Each command is a module; [`edges`] holds the table of allowed dependencies, which stands
//! nowhere else. Commands print what they do and, when something is missing, what to do about it.

mod advisories;
mod bench;
mod build;
mod edges;
mod files;
mod fuzz;
mod generate;
mod node;
mod peers;
mod python;
mod reference;
mod run;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, run, test and check Caruso")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and run the example company, examples/utilities
    Up {
        /// Passed on to `caruso up`, for example --http 127.0.0.1:9090
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Build the browser application and the program
    Build,
    /// Run the tests; peers that are missing are installed from Debian's packages where possible
    Test {
        /// Only what needs no peers: unit and in-process tests
        #[arg(long)]
        quick: bool,
    },
    /// What a change must pass: format, lints, tidy, tests
    Ci,
    /// Prove the rules of the code: dependency direction, sizes, names, licences, advisories
    Tidy,
    /// Measure what the goals name: all areas, or one of resolve, dialogue, routing, journal,
    /// registry, media, sip, objects, calls, load, idle
    Bench {
        /// The area
        area: Option<String>,
    },
    /// Let libFuzzer look for bytes that a target cannot stand: dtd, expression, script, session.
    /// What it finds on its way goes into tests/fuzz/corpus, which the tests replay
    Fuzz {
        /// The target; without it, each in turn
        target: Option<String>,
        /// How long for each
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// What CI has no time for: kill -9 of the script engine at every one of its writes, and a
    /// hundred replacements of components under load
    Soak,
    /// Regenerate what is derived from other files: tables in docs/
    Gen,
}

fn main() -> ExitCode {
    match run_command(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_command(command: Command) -> anyhow::Result<()> {
    std::env::set_current_dir(files::root())?;
    match command {
        Command::Up { options } => build::up(&options),
        Command::Build => build::build(),
        Command::Test { quick } => test::test(quick),
        Command::Ci => test::ci(),
        Command::Tidy => tidy::tidy(),
        Command::Bench { area } => bench::bench(area.as_deref()),
        Command::Fuzz { target, seconds } => fuzz::fuzz(target.as_deref(), seconds),
        Command::Soak => test::soak(),
        Command::Gen => generate::generate(),
    }
}
