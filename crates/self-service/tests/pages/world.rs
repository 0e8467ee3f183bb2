//! A system with real components, and a browser that knows no JavaScript.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caruso_component::{Component, Options, Release};
use caruso_self_service::SelfService;
use caruso_service_manager::ServiceManager;
use caruso_storage_manager::{Address, DatabaseOptions, Installation};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sha2::Sha256;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const NEEDED: [&str; 2] = ["caruso.script.v1.ScriptEngine", "caruso.storage.v1.StorageManager"];

/// Everything that runs for one test.
pub(crate) struct World {
    pub(crate) address: String,
    manager: String,
    stop: CancellationToken,
    pages: Option<(CancellationToken, JoinHandle<()>)>,
    engine: Option<(CancellationToken, JoinHandle<()>)>,
    folder: tempfile::TempDir,
}

/// The example's files, and a script that asks everything.
fn release() -> Release {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities");
    let mut files = BTreeMap::new();
    add(&root, &root, &mut files);
    let application = &files["application.xml"];
    let application = String::from_utf8(application.clone()).expect("text");
    let more = "<web path=\"all\" script=\"everything\"/>\
        <web path=\"meters\" script=\"meters\"/>\
        <web path=\"page\" script=\"page\"/></application>";
    let application = application.replace("</application>", more);
    files.insert("application.xml".into(), application.into());
    let everything = include_str!("everything.xml");
    files.insert("scripts/everything.xml".into(), everything.into());
    files.insert("scripts/meters.xml".into(), include_str!("meters.xml").into());
    files.insert("scripts/page.xml".into(), include_str!("page.xml").into());
    Release::new(files.into_iter().map(|(path, bytes)| (path, bytes.into())).collect())
}

fn add(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("the example is there") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            add(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy();
            files.insert(name.into_owned(), std::fs::read(&path).expect("readable"));
        }
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = caruso_service_manager::Options {
            listen: ([127, 0, 0, 1], 0).into(),
            data: folder.path().join("manager"),
            is_development: true,
            release: Some(release()),
        };
        let manager = ServiceManager::bind(options).await.expect("the manager starts");
        let (address, stop) = (manager.address(), CancellationToken::new());
        tokio::spawn(manager.serve(stop.child_token()));
        let mut world = Self {
            address: String::new(),
            manager: address,
            stop,
            pages: None,
            engine: None,
            folder,
        };
        world.storage_manager();
        world.start_engine().await;
        world.start_pages().await;
        world
    }

    fn options(&self, name: &str) -> Options {
        Options::new(&self.manager).with_data(self.data(name))
    }

    fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn storage_manager(&self) {
        let address = Address::of_file(&self.data("utilities.sqlite"));
        let database = DatabaseOptions { address, is_owned: true };
        let options = caruso_storage_manager::Options {
            component: self.options("storage-manager"),
            installation: Installation {
                databases: BTreeMap::from([("utilities".to_owned(), database)]),
                data: self.data("storage-manager"),
                has_demo_data: false,
            },
        };
        tokio::spawn(caruso_storage_manager::run(options, self.stop.child_token()));
    }

    async fn start_engine(&mut self) {
        let (options, stop) = (self.options("script-engine"), self.stop.child_token());
        let run = caruso_script_engine::run(options, Default::default(), stop.clone());
        let task = tokio::spawn(async move { run.await.expect("it ends well") });
        self.engine = Some((stop, task));
        let name = "command-line";
        let waiter = Component::join(Options::new(&self.manager), name, self.stop.child_token());
        let waiter = waiter.await.expect("joined");
        for interface in NEEDED {
            let handle = waiter.directory().handle(interface);
            let offered = tokio::time::timeout(Duration::from_secs(30), handle.offered()).await;
            offered.expect("it serves");
        }
        waiter.leave().await;
    }

    /// Ends when something is published.
    async fn start_pages(&mut self) {
        let component = self.options("self-service");
        let options = caruso_self_service::Options::new(component, ([127, 0, 0, 1], 0).into());
        let pages = SelfService::bind(options).await.expect("a free port");
        self.address = pages.address();
        let stop = self.stop.child_token();
        let stopped = stop.clone();
        let task = tokio::spawn(async move { pages.serve(stopped).await.expect("it ends well") });
        self.pages = Some((stop, task));
        self.until("/move", |page| page.status == StatusCode::OK).await;
    }

    /// The same again, as after a crash: only the data folder is left of the old one.
    pub(crate) async fn restart_pages(&mut self) {
        let (stop, task) = self.pages.take().expect("they run");
        stop.cancel();
        task.await.expect("they ended");
        self.start_pages().await;
    }

    pub(crate) async fn stop_engine(&mut self) {
        let (stop, task) = self.engine.take().expect("it runs");
        stop.cancel();
        task.await.expect("it ended");
    }

    pub(crate) async fn restart_engine(&mut self) {
        self.start_engine().await;
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        self.get_in(path, "en").await
    }

    /// With what the browser says of its languages.
    pub(crate) async fn get_in(&self, path: &str, accepted: &str) -> Page {
        let request = Request::get(self.url(path)).header("accept-language", accepted);
        self.send(request.body(Full::default()).expect("a request")).await
    }

    /// Sends a form; what stands in it.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = Request::post(self.url(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::from(body.finish()));
        self.send(request.expect("a request")).await
    }

    /// What leads to a session, as whoever has the key of the installation could sign it.
    pub(crate) fn token(&self, session: Uuid) -> String {
        let key = std::fs::read(self.data("self-service").join("link-key")).expect("the key");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        mac.update(b"caruso self-service session 1\0");
        mac.update(session.as_bytes());
        let signature = mac.finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([session.as_bytes().as_slice(), &signature].concat())
    }

    /// Asks again until it is as wanted.
    pub(crate) async fn until(&self, path: &str, is_wanted: impl Fn(&Page) -> bool) -> Page {
        let waiting = async {
            loop {
                let page = self.get(path).await;
                if is_wanted(&page) {
                    return page;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it comes to that")
    }

    /// Starts a script, and where its conversation is.
    pub(crate) async fn begin(&self, path: &str, language: &str) -> Page {
        let started = self.post(path, &[("lang", language)]).await;
        assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.body);
        self.follow(started).await
    }

    /// What a browser does with a redirect.
    pub(crate) async fn follow(&self, page: Page) -> Page {
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        assert_eq!(page.body, "");
        let location = page.headers["location"].to_str().expect("ASCII").to_owned();
        self.get(&location).await
    }

    /// Fills in the form of a page and sends it.
    pub(crate) async fn send_form(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let hidden = ["step", "row", "page", "sequence"].map(|name| (name, page.hidden(name)));
        let hidden = hidden.iter().map(|(name, value)| (*name, value.as_str()));
        let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        self.post(page.path.split('?').next().unwrap_or_default(), &all).await
    }

    /// The same, where the answer is taken: the next page.
    pub(crate) async fn answer(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let sent = self.send_form(page, fields).await;
        self.follow(sent).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    async fn send(&self, request: Request<Full<bytes::Bytes>>) -> Page {
        let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let client: Client<HttpConnector, _> = Client::builder(TokioExecutor::new()).build_http();
        let (head, body) = client.request(request).await.expect("an answer").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let body = String::from_utf8(body.to_vec()).expect("UTF-8").replace("&#x2f;", "/");
        Page { path, status: head.status, headers: head.headers, body }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What a server answered.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Page {
    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let start = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
        let (_, rest) = self.body.split_once(&start).unwrap_or_else(|| panic!("{}", self.body));
        rest.split('"').next().unwrap_or_default().to_owned()
    }

    /// Whether these stand in it.
    pub(crate) fn has(&self, texts: &[&str]) {
        for text in texts {
            assert!(self.body.contains(text), "`{text}` is missing:\n{}", self.body);
        }
    }

    pub(crate) fn lacks(&self, texts: &[&str]) {
        for text in texts {
            assert!(!self.body.contains(text), "`{text}` is there:\n{}", self.body);
        }
    }
}
