//! Chromium with a person before it, driven by `tests/browser/driver.mjs`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// One command is done within this time, the starting of Chromium included.
const PATIENCE: Duration = Duration::from_secs(45);

/// The driver has closed the browser within this time.
const GRACE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// A page in Chromium, which is closed when this is dropped.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    /// The driver ends with its input.
    commands: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    /// For what Chromium writes.
    _folder: TempDir,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser")
}

impl Browser {
    /// Opens a browser; says what is missing where it cannot.
    ///
    /// # Panics
    /// When the driver cannot be started although it is there.
    pub fn open() -> Result<Self, String> {
        Self::open_with(&[])
    }

    /// The same with JavaScript switched off, as some people have it.
    ///
    /// # Panics
    /// When the driver cannot be started although it is there.
    pub fn open_without_javascript() -> Result<Self, String> {
        Self::open_with(&["--without-javascript"])
    }

    /// The same with a microphone that hears this file again and again.
    ///
    /// # Panics
    /// When the driver cannot be started although it is there.
    pub fn open_saying(file: &Path) -> Result<Self, String> {
        Self::open_with(&[&format!("--says={}", file.display())])
    }

    /// What a call brings now: the strongest frequency in hertz, and how loud it is from 0 to 1;
    /// nothing where no sound comes.
    pub async fn heard(&mut self) -> Option<(f64, f64)> {
        let heard = self.tell(json!({"do": "heard"})).await;
        Some((heard["hertz"].as_f64()?, heard["level"].as_f64()?))
    }

    fn open_with(flags: &[&str]) -> Result<Self, String> {
        if !folder().join("node_modules/playwright-core").is_dir() {
            return Err("skipped: `npm ci` in tests/browser (cargo xtask test does it)".to_owned());
        }
        let chromium = std::env::var_os("CARUSO_CHROMIUM").map(PathBuf::from);
        if !chromium.unwrap_or_else(|| "/usr/bin/chromium".into()).is_file() {
            return Err("skipped: `chromium` is not installed (Debian package chromium)".into());
        }
        let mut command = Command::new("node");
        let own = tempfile::tempdir().map_err(|error| error.to_string())?;
        command.arg("driver.mjs").args(flags).current_dir(folder()).env("TMPDIR", own.path());
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("skipped: node: {error}"))?;
        let commands = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("asked for")).lines();
        Ok(Self { child, commands, answers, _folder: own })
    }

    /// Opens a page.
    pub async fn open_page(&mut self, address: &str) {
        self.tell(json!({"do": "open", "url": address})).await;
    }

    /// Goes back, as by the browser's own button.
    pub async fn back(&mut self) {
        self.tell(json!({"do": "back"})).await;
    }

    /// Types into the field with this label.
    pub async fn fill_in(&mut self, label: &str, value: &str) {
        self.tell(json!({"do": "fill", "label": label, "value": value})).await;
    }

    /// The address of the page.
    pub async fn address(&mut self) -> String {
        let address = self.tell(json!({"do": "address"})).await;
        address.as_str().unwrap_or_default().to_owned()
    }

    /// Proves that everybody can use the page, as far as a program can tell (axe, WCAG 2.2 AA), in
    /// light and dark and on a screen of 320 pixels.
    pub async fn is_accessible(&mut self) {
        let violations = self.tell(json!({"do": "axe"})).await;
        assert_eq!(violations, json!([]), "what axe finds");
    }

    /// Opens a page and logs in.
    pub async fn log_in(&mut self, address: &str, user: &str) {
        self.tell(json!({"do": "open", "url": address})).await;
        self.tell(json!({"do": "fill", "label": "User name", "value": user})).await;
        self.tell(json!({"do": "fill", "label": "Password", "value": "demo"})).await;
        self.press("Enter").await;
        self.sees("navigation", "Pages").await;
    }

    /// Presses a key, for example `Alt+R`.
    pub async fn press(&mut self, key: &str) {
        self.tell(json!({"do": "press", "key": key})).await;
    }

    /// Clicks on what has this role and exactly this name.
    pub async fn click(&mut self, role: &str, name: &str) {
        self.tell(json!({"do": "click", "role": role, "name": name, "exact": true})).await;
    }

    /// Chooses the radio of this name.
    pub async fn choose(&mut self, name: &str) {
        self.tell(json!({"do": "choose", "role": "radio", "name": name, "exact": true})).await;
    }

    /// Types into the text field of this name.
    pub async fn fill(&mut self, name: &str, value: &str) {
        let field = json!({"do": "fill", "role": "textbox", "name": name, "value": value});
        self.tell(field).await;
    }

    /// Waits until something with this role and name is seen.
    pub async fn sees(&mut self, role: &str, name: &str) {
        self.tell(json!({"do": "see", "role": role, "name": name})).await;
    }

    /// Waits until this text is seen.
    pub async fn reads(&mut self, text: &str) {
        self.tell(json!({"do": "see", "text": text})).await;
    }

    /// The text of what has this role and name.
    pub async fn text(&mut self, role: &str, name: &str) -> String {
        let text = self.tell(json!({"do": "text", "role": role, "name": name})).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Loads the page again.
    pub async fn reload(&mut self) {
        self.tell(json!({"do": "reload"})).await;
    }

    /// Takes a picture into `$CARUSO_PICTURES`, where that is set.
    pub async fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("CARUSO_PICTURES") else { return };
        let path = Path::new(&folder).join(name);
        self.tell(json!({"do": "picture", "path": path})).await;
    }

    /// Proves that nothing in the pages has failed.
    pub async fn is_content(&mut self) {
        let complaints = self.tell(json!({"do": "complaints"})).await;
        assert_eq!(complaints, json!([]), "errors in the pages");
    }

    async fn tell(&mut self, command: Value) -> Value {
        let commands = self.commands.as_mut().expect("open until it is dropped");
        let written = commands.write_all(format!("{command}\n").as_bytes()).await;
        written.expect("the driver listens");
        let line = tokio::time::timeout(PATIENCE, self.answers.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("{command} takes too long"));
        let line = line.expect("the driver speaks").expect("the driver is there");
        let answer: Value = serde_json::from_str(&line).expect("an answer in JSON");
        if answer["ok"] != true {
            let seen = answer["seen"].as_str().unwrap_or_default();
            panic!("{command}: {}\nthe page shows:\n{seen}", answer["error"]);
        }
        answer["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.commands = None;
        let asked = Instant::now();
        while self.child.try_wait().is_ok_and(|ended| ended.is_none()) && asked.elapsed() < GRACE {
            std::thread::sleep(PAUSE);
        }
        // it has ended, unless it hangs
        let _ = self.child.start_kill();
    }
}
