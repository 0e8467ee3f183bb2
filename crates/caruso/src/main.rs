//! `caruso`: the command line and the single-process runner.
//!
//! Exit codes: 0 success, 1 findings or failure, 2 usage.

mod call;
mod check;
mod client;
mod components;
mod contacts;
mod demo;
mod explain;
mod folder;
mod fresh;
mod joining;
mod new;
mod objects;
mod people;
mod publish;
mod replay;
mod report;
mod run;
mod script;
mod services;
mod simulate;
mod site;
mod telephone;
mod time;
mod turn;
mod up;
mod wrapper;

use std::process::ExitCode;

use caruso_component::LogFormat;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};

#[derive(Parser)]
#[command(name = "caruso", version, about = "Customer front offices from components")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// How data is printed; csv, xlsx and pdf are for `report` alone
    #[arg(long, global = true, value_enum, default_value_t = Printed::Text)]
    format: Printed,
}

/// How data is printed, or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Printed {
    /// For people
    Text,
    /// For programs: one document, or one line an event
    Json,
    /// A report as comma-separated values
    Csv,
    /// A report as a workbook
    Xlsx,
    /// A report for printing
    Pdf,
}

impl Printed {
    /// What other commands than `report` can print.
    fn format(self) -> Option<Format> {
        match self {
            Self::Text => Some(Format::Text),
            Self::Json => Some(Format::Json),
            Self::Csv | Self::Xlsx | Self::Pdf => None,
        }
    }
}

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs: one document, or one line an event
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// A small application that runs, to begin with
    New(new::Options),
    /// Check every file of an application; all findings at once
    Check(check::Options),
    /// What an error code means: what happened, why, and what to do
    Explain(explain::Options),
    /// All components of an application in one process
    Up(up::Options),
    /// One component as its own process
    Run(run::Options),
    /// A simulated caller: real SIP and RTP
    Call(call::Options),
    /// What happened, and why
    Contacts(contacts::Options),
    /// A recorded contact log is decided again
    Replay(replay::Options),
    /// Days that never were, played by the router of the real system
    Simulate(simulate::Options),
    /// The figures of a period: a table, or a file; without a name, which reports there are
    Report(report::Options),
    /// Who works here: users, roles, telephones, skills
    People(people::Options),
    /// Another release of an application, while everything runs
    Publish(publish::Options),
    /// The directory of a running system
    Services(services::Options),
    /// How it stands with trunks and phones
    Telephone(telephone::Options),
    /// A database as business objects: a first model, whether a model fits, what the data are like
    Objects(objects::Options),
    /// Dialogue scripts: their tests, advice, a conversation in the terminal, a picture
    Script(script::Options),
    /// Programs that speak for other systems: a first one, whether one behaves
    Wrapper(wrapper::Options),
    /// A program of this machine as a wrapper of a running system
    Wrap(wrapper::wrap::Options),
}

fn main() -> ExitCode {
    let Arguments { command, format: printed } = Arguments::parse();
    let format = match printed.format() {
        Some(format) => format,
        None if matches!(command, Command::Report(_)) => Format::Text,
        None => {
            let words = "only `caruso report` has the formats csv, xlsx and pdf";
            Arguments::command().error(ErrorKind::ArgumentConflict, words).exit()
        }
    };
    start_logging(&command, format);
    let done = match command {
        Command::New(options) => new::new(&options, format),
        Command::Check(options) => check::check(&options, format),
        Command::Explain(options) => explain::explain(&options, format),
        Command::Up(options) => block_on(up::up(options, format)),
        Command::Run(options) => block_on(run::run(options, format)),
        Command::Call(options) => block_on(call::call(options, format)),
        Command::Contacts(options) => block_on(contacts::contacts(options, format)),
        Command::Replay(options) => replay::replay(&options, format),
        Command::Simulate(options) => simulate::simulate(&options, format),
        Command::Report(options) => block_on(report::report(options, printed)),
        Command::People(options) => block_on(people::people(options, format)),
        Command::Publish(options) => block_on(publish::publish(options, format)),
        Command::Services(options) => block_on(services::services(options, format)),
        Command::Telephone(options) => block_on(telephone::telephone(options, format)),
        Command::Script(options) => script::script(&options, format),
        Command::Wrap(options) => block_on(wrapper::wrap::wrap(options)),
        Command::Wrapper(options) => block_on(wrapper::wrapper(options, format)),
        Command::Objects(options) => block_on(objects::objects(options, format)),
    };
    done.unwrap_or_else(|error| {
        eprintln!("caruso: {}", said(&error));
        ExitCode::FAILURE
    })
}

/// What went wrong; of what a component refused, its words and the code that `explain` knows.
fn said(error: &anyhow::Error) -> String {
    let Some(status) = error.downcast_ref::<tonic::Status>() else { return format!("{error:#}") };
    let code = caruso_component::code_of(status);
    let code = code.map(|code| format!(" [{code}]")).unwrap_or_default();
    format!("{}{code}", status.message())
}

/// What serves tells its story; what asks and ends says only what is wrong.
fn start_logging(command: &Command, format: Format) {
    let default = match command {
        Command::Up(_) | Command::Run(_) | Command::Wrap(_) => "info",
        _ => "warn",
    };
    let format = match format {
        Format::Text => LogFormat::Text,
        Format::Json => LogFormat::Json,
    };
    caruso_component::init_telemetry(format, default, &[caruso_sip::LOG_DIRECTIVE]);
}

fn block_on(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
