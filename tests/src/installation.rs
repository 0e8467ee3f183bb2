//! The whole system as processes: one for all, or one for each component.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use caruso_component::{Options, Secret};
use serde_json::Value;
use tempfile::TempDir;

use crate::application::utilities;
use crate::process::Process;
use crate::records::{Company, Records};
use crate::wait::until;

/// The components of the example, in the order of a cautious operator.
pub const COMPONENTS: [&str; 11] = [
    "identity",
    "storage-manager",
    "business-object-modeler",
    "erp",
    "billing",
    "script-engine",
    "communication-server",
    "monitor",
    "front-office",
    "self-service",
    "demo",
];

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Folder of the application.
    pub application: PathBuf,
    /// Where telephones reach it.
    pub address: IpAddr,
    /// Where the company's database is.
    pub company: Company,
    /// Where customers are called, the preferred first; nothing where they are not.
    pub trunks: Vec<SocketAddr>,
    /// Extension and number of an agent whose phone is called by the trunk, too.
    pub remote_phone: Option<(&'static str, &'static str)>,
    /// For how many minutes a line to it stays open.
    pub open_line_minutes: Option<u16>,
    /// What else the site says, as in its file.
    pub site: String,
}

/// The number that customers who are called see.
pub const CALLER_ID: &str = "+31305550100";

impl Default for Plan {
    fn default() -> Self {
        let address = Ipv4Addr::LOCALHOST.into();
        let company = Company::default();
        let trunks = Vec::new();
        Self {
            application: utilities(),
            address,
            company,
            trunks,
            remote_phone: None,
            open_line_minutes: None,
            site: String::new(),
        }
    }
}

/// A system that serves.
#[derive(Debug)]
pub struct Installation {
    processes: BTreeMap<String, Process>,
    plan: Plan,
    data: TempDir,
    /// Where browsers reach the desk.
    pub http: String,
    /// Where customers reach the pages that they fill in by themselves.
    pub self_service: String,
    /// Where telephones reach it.
    pub sip: SocketAddr,
    /// Where components and tools reach the service manager.
    pub service_manager: String,
    /// By what they join: in one process, there is none.
    join_token: Option<PathBuf>,
}

/// The program `caruso` as it was built last, beside the tests.
///
/// # Panics
/// When it was not built.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let target = test.ancestors().nth(2).expect("tests stand in target/<profile>/deps");
    let program = target.join("caruso");
    assert!(program.is_file(), "build it first: cargo build -p caruso");
    program
}

/// Runs `caruso` with these arguments to its end.
///
/// # Panics
/// When it cannot be run.
pub fn run(arguments: &[&str]) -> Output {
    let output = Command::new(program()).args(arguments).output();
    output.expect("the program was built")
}

impl Installation {
    /// Everything in one process, as `caruso up` does it.
    pub async fn up(plan: Plan) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let site = site(&data, &Listen::anywhere(plan.address), &plan);
        let mut command = Command::new(program());
        command.args(["--format", "json", "up"]).arg(&plan.application);
        command.arg("--data").arg(data.path()).arg("--site").arg(site);
        command.args(["--service-manager", "127.0.0.1:0"]);
        let process = Process::start("up", &mut command, data.path());
        let mut processes = BTreeMap::from([("up".to_owned(), process)]);
        let ready = ready("up", &mut processes).await;
        let text = |name: &str| ready[name].as_str().unwrap_or_default().to_owned();
        Self {
            processes,
            plan,
            data,
            http: text("http"),
            self_service: text("self_service"),
            sip: text("sip").parse().expect("an address"),
            service_manager: text("service_manager"),
            join_token: None,
        }
    }

    /// A process for each component, as `caruso run` does it: with certificates.
    pub async fn of_processes(plan: Plan) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        site(&data, &Listen::anywhere(plan.address), &plan);
        let mut this = Self {
            processes: BTreeMap::new(),
            sip: SocketAddr::new(plan.address, 0),
            plan,
            join_token: Some(data.path().join("service-manager/join-token")),
            data,
            http: String::new(),
            self_service: String::new(),
            service_manager: "https://127.0.0.1:0".to_owned(),
        };
        this.start_manager();
        let ready = ready(MANAGER, &mut this.processes).await;
        this.service_manager = ready["service_manager"].as_str().unwrap_or_default().to_owned();
        for component in COMPONENTS {
            this.start(component);
        }
        (this.http, this.self_service, this.sip) =
            until("all components serve", async || this.served()).await;
        // whoever is started again is where it was
        site(&this.data, &this.listen(), &this.plan);
        this
    }

    /// The company's database.
    pub async fn records(&self) -> Records {
        Records::open(&self.plan.company, self.data()).await
    }

    /// Folder of everything that is kept.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Kills one component's process, as `kill -9` does.
    ///
    /// # Panics
    /// When the component is not a process of its own.
    pub fn kill(&mut self, component: &str) {
        self.process(component).kill();
    }

    /// Asks one component to stop, and waits until it has.
    ///
    /// # Panics
    /// When the component is not a process of its own.
    pub fn stop(&mut self, component: &str) {
        self.process(component).stop();
    }

    /// Makes one component stand still until it is to [resume](Self::resume).
    ///
    /// # Panics
    /// When the component is not a process of its own.
    pub fn pause(&mut self, component: &str) {
        self.process(component).pause();
    }

    /// Lets a component that stands still go on.
    ///
    /// # Panics
    /// When the component is not a process of its own.
    pub fn resume(&mut self, component: &str) {
        self.process(component).resume();
    }

    fn process(&mut self, component: &str) -> &mut Process {
        self.processes.get_mut(component).expect("a process of its own")
    }

    fn stop_all(&mut self) {
        // all at once, and then each is waited for
        for process in self.processes.values_mut() {
            process.ask_to_stop();
        }
        for process in self.processes.values_mut() {
            process.stop();
        }
    }

    /// Starts the service manager as a process of its own, where it was before.
    pub fn start_manager(&mut self) {
        let listen = self.service_manager.trim_start_matches("https://");
        let mut command = Command::new(program());
        command.args(["--format", "json", "run", MANAGER]).arg(&self.plan.application);
        command.args(["--listen", listen, "--data"]).arg(self.data());
        let process = Process::start(MANAGER, &mut command, self.data());
        self.processes.insert(MANAGER.to_owned(), process);
    }

    /// Starts one component as a process of its own.
    pub fn start(&mut self, component: &str) {
        let command = self.command();
        self.start_by(component, command);
    }

    /// The same with a join token of its own.
    pub fn start_with(&mut self, component: &str, join_token: &Path) {
        let mut command = self.command();
        command.env("CARUSO_JOIN_TOKEN_FILE", join_token);
        self.start_by(component, command);
    }

    /// Starts a process that waits to take the place of a component, and waits until it is ready.
    pub async fn stand_by(&mut self, component: &str) {
        let mut command = self.command();
        command.args(["run", component, "--standby"]);
        let process = self.of_this_site(&successor(component), command);
        self.processes.insert(successor(component), process);
        until(&format!("{component} stands by"), async || {
            let directory = self.services()?;
            let components = directory["components"].as_array()?;
            let is_ready = |it: &&Value| {
                let has_read = it["release"].as_str().is_some_and(|digest| !digest.is_empty());
                it["component"] == component && it["state"] == "standby" && has_read
            };
            components.iter().find(is_ready).map(|_| ())
        })
        .await;
    }

    /// Has it take over, and waits until the other one has ended.
    ///
    /// # Panics
    /// When it does not take over, or the other one does not end by itself.
    pub async fn replace(&mut self, component: &str) {
        self.hand_over(component);
        self.until_former_ends(component).await;
    }

    /// Has it take over; the other one may have something to finish.
    ///
    /// # Panics
    /// When it does not take over.
    pub fn hand_over(&mut self, component: &str) {
        let replaced = self.run(&["services", "replace", component]);
        let words = String::from_utf8_lossy(&replaced.stderr);
        assert!(replaced.status.success(), "{component}: {words}");
        let new = self.processes.remove(&successor(component)).expect("it stood by");
        let old = self.processes.insert(component.to_owned(), new).expect("it served");
        self.processes.insert(former(component), old);
    }

    /// Waits until the process has ended that was to take a component's place; its last words.
    ///
    /// # Panics
    /// When it does not end by itself.
    pub async fn until_next_ends(&mut self, component: &str) -> String {
        let next = successor(component);
        until(&format!("{next} ends"), async || self.process(&next).ended()).await;
        let words = self.log(&next);
        self.processes.remove(&next);
        words
    }

    /// Waits until the process has ended whose place another one took.
    ///
    /// # Panics
    /// When it does not end by itself.
    pub async fn until_former_ends(&mut self, component: &str) {
        let former = former(component);
        let what = format!("the first {component} ends");
        let status = until(&what, async || self.process(&former).ended()).await;
        assert!(status.success(), "{former} ended with {status}: {}", self.log(&former));
        self.processes.remove(&former);
    }

    fn start_by(&mut self, component: &str, mut command: Command) {
        command.args(["run", component]);
        let process = self.of_this_site(component, command);
        self.processes.insert(component.to_owned(), process);
    }

    fn of_this_site(&self, name: &str, mut command: Command) -> Process {
        command.arg("--data").arg(self.data()).arg("--site").arg(self.data().join(SITE));
        command.arg("--demo-users").arg(self.plan.application.join("demo.toml")).arg("--demo-data");
        Process::start(name, &mut command, self.data.path())
    }

    /// Waits until a component that was started serves.
    pub async fn until_serves(&self, component: &str) {
        until(&format!("{component} serves"), async || {
            let directory = self.services()?;
            let components = directory["components"].as_array()?;
            let is_serving = |it: &&Value| it["component"] == component && it["state"] == "serving";
            let offers = components.iter().find(is_serving)?["offers"].as_array()?;
            (!offers.is_empty()).then_some(())
        })
        .await;
    }

    /// The directory as `caruso services` prints it; nothing while it cannot be had.
    pub fn services(&self) -> Option<Value> {
        let output = self.run(&["--format", "json", "services"]);
        serde_json::from_slice(&output.stdout).ok()
    }

    /// `caruso` for this system, whatever it is told to do.
    fn command(&self) -> Command {
        let mut command = Command::new(program());
        command.env("CARUSO_SERVICE_MANAGER", &self.service_manager);
        if let Some(file) = &self.join_token {
            command.env("CARUSO_JOIN_TOKEN_FILE", file);
        }
        command
    }

    /// Runs a command that asks this system to its end.
    ///
    /// # Panics
    /// When it cannot be run.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().expect("the program was built")
    }

    /// By what a test joins this system.
    ///
    /// # Panics
    /// When the join token cannot be read.
    pub fn options(&self) -> Options {
        let mut options = Options::new(&self.service_manager);
        let read = |file| Secret::<String>::read(file).expect("made at the first start");
        options.join_token = self.join_token.as_deref().map(read);
        options
    }

    /// Where desk, customers' pages and telephones are, once every component serves.
    fn served(&self) -> Option<(String, String, SocketAddr)> {
        let directory = self.services()?;
        let components = directory["components"].as_array()?;
        let offers = |name: &str| {
            let found = components.iter().find(|it| it["component"] == name)?;
            let offers = found["offers"].as_array()?.clone();
            (!offers.is_empty() && found["state"] == "serving").then_some(offers)
        };
        let all: Option<Vec<_>> = COMPONENTS.iter().map(|name| offers(name)).collect();
        let all = all?.concat();
        let offer = |interface: &str| all.iter().find(|it| it["interface"] == interface);
        let http = offer("caruso.desk.v1.Desk")?["address"].as_str()?.to_owned();
        let pages = offer("caruso.web.v1.Pages")?["address"].as_str()?.to_owned();
        let sip = &offer("caruso.contact.v1.Agents")?["properties"]["sip"];
        Some((http, pages, sip.as_str()?.parse().ok()?))
    }

    fn listen(&self) -> Listen<'_> {
        Listen {
            http: self.http.trim_start_matches("http://"),
            self_service: self.self_service.trim_start_matches("http://"),
            sip: self.sip,
        }
    }

    /// What a process has logged.
    ///
    /// # Panics
    /// When there is no such process.
    pub fn log(&self, name: &str) -> String {
        self.processes.get(name).expect("a process").complained()
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        self.stop_all();
    }
}

const SITE: &str = "site.toml";
const MANAGER: &str = "service-manager";

/// What the process is called that waits to take a component's place.
fn successor(component: &str) -> String {
    format!("next-{component}")
}

/// The process whose place another one took.
fn former(component: &str) -> String {
    format!("former-{component}")
}

/// Where the system is reached.
struct Listen<'a> {
    http: &'a str,
    self_service: &'a str,
    sip: SocketAddr,
}

impl Listen<'_> {
    /// At free ports.
    fn anywhere(sip: IpAddr) -> Self {
        let free = "127.0.0.1:0";
        Self { http: free, self_service: free, sip: SocketAddr::new(sip, 0) }
    }
}

/// Whoever calls from the address of the telephones itself is a customer.
fn site(data: &TempDir, listen: &Listen<'_>, plan: &Plan) -> PathBuf {
    let Listen { http, self_service, sip } = listen;
    let site = data.path().join(SITE);
    let mut text = format!(
        "[http]\nlisten = \"{http}\"\n\n[self-service]\nlisten = \"{self_service}\"\n\n\
         [sip]\nlisten = \"{sip}\"\ntrunks = [\"{}/32\"]\n",
        sip.ip()
    );
    if !plan.trunks.is_empty() {
        for trunk in &plan.trunks {
            text.push_str(&format!("\n[[trunk]]\nserver = \"{trunk}\"\nprobe = false\n"));
        }
        text.push_str(&format!("\n[outbound]\ncaller-id = \"{CALLER_ID}\"\n"));
    }
    if let Some((extension, number)) = plan.remote_phone {
        text.push_str(&format!(
            "\n[[remote-phone]]\nextension = \"{extension}\"\nnumber = \"{number}\"\n"
        ));
        if let Some(minutes) = plan.open_line_minutes {
            text.push_str(&format!("open-line-minutes = {minutes}\n"));
        }
    }
    if let Some(url) = plan.company.url() {
        text.push_str(&format!("\n[database.utilities]\nurl = \"{url}\"\nowned = true\n"));
    }
    text.push_str(&plan.site);
    std::fs::write(&site, text).expect("the folder is ours");
    site
}

/// The line that says that it serves.
async fn ready(name: &str, processes: &mut BTreeMap<String, Process>) -> Value {
    let process = processes.get_mut(name).expect("started just now");
    until("the system is ready", async || {
        if let Some(status) = process.ended() {
            panic!("{name} ended with {status}: {}", process.complained());
        }
        let printed = process.printed();
        let event = printed.lines().find_map(|line| serde_json::from_str::<Value>(line).ok());
        event.filter(|event| event["event"] == "ready")
    })
    .await
}
