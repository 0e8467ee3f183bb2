//! The guide of a first wrapper, word for word: its commands are run as they stand, its edits are
//! made, and what it says is printed is printed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use caruso_tests::{Network, Process, until};
use tempfile::TempDir;

const GUIDE: &str = include_str!("../../docs/guide/first-wrapper.md");
/// What stands for something that differs each time, or, on a line of its own, for some lines.
const ANYTHING: char = '…';
/// A command that goes on, while others are given in another terminal.
const GOES_ON: &str = "caruso up";

/// A block of the page.
enum Block {
    Commands(Vec<Given>),
    /// An edit of the file that was named last before it.
    Edit {
        file: String,
        lines: Vec<String>,
    },
}

/// A command, with the lines that it prints.
struct Given {
    command: String,
    printed: Vec<String>,
}

fn blocks() -> Vec<Block> {
    let mut pieces = GUIDE.split("```");
    let (mut blocks, mut file) = (Vec::new(), String::new());
    while let (Some(prose), Some(block)) = (pieces.next(), pieces.next()) {
        let named = prose.split('`').skip(1).step_by(2).filter(|it| it.contains('/'));
        file = named.last().map_or(file, str::to_owned);
        let (language, text) = block.split_once('\n').expect("a block has lines");
        let lines = text.lines().map(str::to_owned);
        blocks.push(match language {
            "console" => Block::Commands(commands(lines)),
            "diff" => Block::Edit { file: file.clone(), lines: lines.collect() },
            other => panic!("the page has no blocks of `{other}`"),
        });
    }
    blocks
}

fn commands(lines: impl Iterator<Item = String>) -> Vec<Given> {
    let mut commands: Vec<Given> = Vec::new();
    for line in lines {
        match line.strip_prefix("$ ") {
            Some(command) => {
                commands.push(Given { command: command.to_owned(), printed: Vec::new() });
            }
            None => commands.last_mut().expect("a command comes first").printed.push(line),
        }
    }
    commands
}

/// Whether a line is what the page says.
fn is_like(line: &str, said: &str) -> bool {
    let mut pieces = said.split(ANYTHING);
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, between)) = pieces.split_last() else { return rest.is_empty() };
    for piece in between {
        let Some((_, behind)) = rest.split_once(piece) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

/// Whether all lines are what the page says, in its order, with none left over on either side.
fn are_like(lines: &[&str], said: &[String]) -> bool {
    match (lines, said) {
        (_, [any, behind @ ..]) if any.trim() == "…" => {
            (0..=lines.len()).any(|passed| are_like(&lines[passed..], behind))
        }
        ([line, lines @ ..], [one, said @ ..]) => is_like(line, one) && are_like(lines, said),
        ([], []) => true,
        _ => false,
    }
}

/// Somebody who does what the page says, in a folder of their own.
struct Reader {
    folder: TempDir,
    /// What goes on in another terminal.
    going: Vec<Process>,
    count: usize,
}

impl Reader {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let programs = folder.path().join("bin");
        fs::create_dir(&programs).expect("a writable folder");
        symlink(caruso(), programs.join("caruso")).expect("a writable folder");
        Self { folder, going: Vec::new(), count: 0 }
    }

    /// Where the page begins.
    fn home(&self) -> PathBuf {
        let home = self.folder.path().join("home");
        fs::create_dir_all(&home).expect("a writable folder");
        home
    }

    fn start(&mut self, command: &str) -> Process {
        self.count += 1;
        let path = std::env::var("PATH").unwrap_or_default();
        let programs = self.folder.path().join("bin");
        let mut shell = Command::new("sh");
        // the shell becomes the last command, so that whoever ends it ends that
        shell.args(["-c", &format!("exec {command}")]).current_dir(self.home());
        shell.env("PATH", format!("{}:{path}", programs.display()));
        Process::start(&format!("command-{}", self.count), &mut shell, self.folder.path())
    }

    async fn gives(&mut self, Given { command, printed }: Given) {
        let mut process = self.start(&command);
        let is_as_said = |process: &Process| {
            let text = process.printed();
            are_like(&text.lines().collect::<Vec<_>>(), &printed)
        };
        if command.starts_with(GOES_ON) {
            until(&command, async || {
                assert!(process.ended().is_none(), "{command}: {}", process.complained());
                is_as_said(&process).then_some(())
            })
            .await;
            self.going.push(process);
            return;
        }
        let ended = until(&command, async || process.ended()).await;
        assert!(ended.success(), "{command}: {}{}", process.printed(), process.complained());
        let said = printed.join("\n");
        let came = process.printed();
        assert!(is_as_said(&process), "{command}\nthe page says:\n{said}\ncame:\n{came}");
    }

    fn edits(&self, file: &str, lines: &[String]) {
        let without = |sign: char| {
            let kept = lines.iter().filter(move |line| !line.starts_with(sign));
            kept.map(|line| line.get(1..).unwrap_or_default().to_owned() + "\n").collect::<String>()
        };
        let (old, new) = (without('+'), without('-'));
        let path = self.home().join(file);
        let text = fs::read_to_string(&path).expect("a file of the page");
        assert_eq!(text.matches(&old).count(), 1, "in {file}:\n{old}");
        fs::write(&path, text.replace(&old, &new)).expect("writable");
    }
}

/// The program `caruso` as it was built last, beside the tests.
fn caruso() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let program = test.ancestors().nth(2).map(|target: &Path| target.join("caruso"));
    program.filter(|it| it.is_file()).expect("build it first: cargo build -p caruso")
}

/// The page uses the ports that everybody has, so it is followed in a network of its own.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_leads_from_nothing_to_a_wrapper_that_is_called() {
    let test = "first_wrapper::the_page_leads_from_nothing_to_a_wrapper_that_is_called";
    let Some(network) = Network::enter(test) else { return };
    if network == Network::Shared {
        println!("the page is not followed: others may have its ports");
        return;
    }
    let mut reader = Reader::new();
    let mut done = (0, 0);
    for block in blocks() {
        match block {
            Block::Commands(commands) => {
                for given in commands {
                    reader.gives(given).await;
                    done.0 += 1;
                }
            }
            Block::Edit { file, lines } => {
                reader.edits(&file, &lines);
                done.1 += 1;
            }
        }
    }
    assert_eq!(done, (9, 3), "commands and edits of the page");
}

#[test]
fn what_is_printed_is_held_against_what_the_page_says() {
    let said = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let page = said("made …/a\n…\nend … s");
    assert!(are_like(&["made x/a", "end 1 s"], &page));
    assert!(are_like(&["made x/a", "more", "", "end 1 s"], &page));
    for lines in [&["made x/b", "end 1 s"][..], &["made x/a"], &["made x/a", "end 1 s", "more"]] {
        assert!(!are_like(lines, &page), "{lines:?}");
    }
    assert!(is_like("a b a b", "a …b") && !is_like("a", "a…a") && !is_like("ab", "a"));
}
