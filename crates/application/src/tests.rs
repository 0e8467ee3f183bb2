use super::*;
use std::path::Path;

/// The example company's files, as the program would read them.
fn utilities() -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities");
    let mut files = BTreeMap::new();
    collect(&root, &root, &mut files);
    files
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("the example is there") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy();
            files.insert(name.replace('\\', "/"), std::fs::read(&path).expect("readable"));
        }
    }
}

fn compile(files: &BTreeMap<String, Vec<u8>>) -> Result<Application, Vec<Finding>> {
    Application::compile(files.iter().map(|(path, content)| (path.as_str(), content.as_slice())))
}

/// The example with one text replaced in one file.
fn with(path: &str, from: &str, to: &str) -> Vec<String> {
    let mut files = utilities();
    let content = String::from_utf8(files[path].clone()).expect("text");
    assert!(content.contains(from), "{path} has no {from}");
    files.insert(path.to_owned(), content.replacen(from, to, 1).into_bytes());
    compile(&files).expect_err("a mistake").iter().map(ToString::to_string).collect()
}

#[test]
fn the_example_company_is_sound() {
    let application = compile(&utilities()).unwrap_or_else(|findings| {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        panic!("{}", findings.join("\n"))
    });
    assert_eq!(application.id, "utilities");
    assert!(application.scripts.contains_key("main-menu"));
    assert!(application.prompts.contains_key("waiting-music"));
    assert!(application.data.contains_key("Customer"));
    assert!(application.history.is_some());
    let reports = &application.reports;
    assert!(reports.contains_key("breaks") && reports.contains_key("incoming-calls"));
}

#[test]
fn a_mistake_is_found_wherever_it_stands_and_the_nearest_name_is_told() {
    let cases = [
        ("application.xml", "class=\"Interaction\"", "class=\"Interactoin\"", "`Interaction`?"),
        (
            "application.xml",
            "started=\"started_at\"",
            "started=\"note\"",
            "cannot keep the started",
        ),
        ("application.xml", "billing/wrapper.py", "billing/wraper.py", "`billing/wrapper.py`?"),
        (
            "application.xml",
            "program=\"erp/soap.xml\"",
            "program=\"erp/soap.xml\" speaks=\"grpc\"",
            "a wrapper without a program speaks nothing",
        ),
        (
            "reports/breaks.xml",
            "reason=\"training\"",
            "reason=\"trainig\"",
            "did you mean `training`?",
        ),
        (
            "reports/breaks.xml",
            "<column figure=\"signed-in-time\"/>",
            "<column figure=\"offered\"/><column figure=\"redy-time\"/>",
            "reports/breaks.xml:6:45: there is no figure `redy-time`",
        ),
        ("data/Customer.csv", "segment", "segmnt", "did you mean `segment`?"),
        ("data/Customer.csv", "household", "houshold", "it is one of: household"),
        ("routing.xml", "script=\"fault-report\"", "script=\"falt-report\"", "`fault-report`?"),
        ("scripts/main-menu.xml", "queue=\"faults\"", "queue=\"fautls\"", "did you mean `faults`?"),
        (
            "routing.xml",
            "script=\"main-menu\"",
            "script=\"main-menu\" language=\"nl\"",
            "`nl` is not spoken by `main-menu`\n    the script has en",
        ),
        ("routing.xml", "\"fault-report\"", "\"main-menu\"", "does not run at the desk"),
        ("routing.xml", "\"main-menu\"", "\"fault-report\"", "does not run on the telephone"),
        ("routing.xml", "\"keep-place\"", "\"move-in\"", "does not run on the telephone"),
        ("routing.xml", "\"place-in-line\"", "\"move-in\"", "does not run on the telephone"),
        ("scripts/main-menu.xml", "id=\"main-menu\"", "id=\"menu\"", "rename the file"),
        ("application.xml", "path=\"move\"", "path=\"Move.html\"", "the path of a page"),
        ("application.xml", "path=\"move\"", "path=\"s\"", "the pages of conversations"),
        ("application.xml", "\"move-online\"", "\"move-onlin\"", "did you mean `move-online`?"),
        ("application.xml", "\"move-online\"", "\"moving-house\"", "does not run on the web"),
        (
            "application.xml",
            "</application>",
            "<web path=\"move\" script=\"move-online\"/></application>",
            "the path `move` is taken",
        ),
    ];
    for (path, from, to, expected) in cases {
        let findings = with(path, from, to).join("\n");
        assert!(findings.contains(expected), "{path}: {from} → {to}:\n{findings}");
        assert!(findings.starts_with(path), "{findings}");
    }
}

#[test]
fn a_script_that_needs_an_input_is_not_published() {
    let mut files = utilities();
    for (path, from, to) in [
        ("application.xml", "\"move-online\"", "\"contact-details\""),
        ("scripts/contact-details.xml", "channels=\"", "channels=\"web "),
    ] {
        let content = String::from_utf8(files[path].clone()).expect("text");
        files.insert(path.to_owned(), content.replacen(from, to, 1).into_bytes());
    }
    let findings = compile(&files).expect_err("nobody gives it");
    let expected = "`contact-details` needs the input `subject`, which nobody gives there";
    assert_eq!((findings[0].code, findings[0].message.as_str()), ("CP0210", expected));
    assert_eq!(
        compile(&utilities()).expect("it is sound").web,
        [("move".to_owned(), "move-online".to_owned())]
    );
}

#[test]
fn a_company_puts_its_own_on_a_script_that_it_has_from_others() {
    let overlay = |script: &str, of: &str| {
        format!(
            "<!DOCTYPE overlay SYSTEM \"dialogue-script.dtd\">\n\
             <overlay script=\"{script}\" of=\"{of}\" version=\"{of}-own\">\
             <title>Our call-back</title></overlay>"
        )
    };
    let with = |path: &str, text: String| {
        let mut files = utilities();
        files.insert(path.to_owned(), text.into_bytes());
        compile(&files).map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let sound = with("overlays/own.xml", overlay("call-back", "1.1.0")).expect("it fits");
    let script = &sound.scripts["call-back"];
    assert_eq!(
        (script.title().as_str(), script.reference().version.as_str()),
        ("Our call-back", "1.1.0-own")
    );
    let late = with("overlays/own.xml", overlay("call-back", "0.9.0")).expect_err("it is late");
    assert!(late[0].contains("there is no version 0.9.0"), "{late:?}");
    let nobodys =
        with("overlays/own.xml", overlay("call-bak", "1.0.0")).expect_err("there is none");
    assert!(nobodys[0].contains("`call-bak` to put this on\n    did you mean `call-back`?"));
    let misplaced = with("scripts/own.xml", overlay("call-back", "1.1.0")).expect_err("no script");
    assert!(misplaced[0].contains("put it into the folder `overlays`"), "{misplaced:?}");
}

#[test]
fn a_company_puts_its_own_on_a_routing_that_it_has_from_others() {
    let guide = include_str!("../../../docs/guide/routing.md");
    let (_, block) = guide.split_once("`overlays/routing/own.xml`").expect("it is shown");
    let block = block.split("```xml\n").nth(1).expect("a block").split("```").next();
    let own = block.expect("it ends");
    let with = |text: &str| {
        let mut files = utilities();
        files.insert("overlays/routing/own.xml".to_owned(), text.as_bytes().to_vec());
        compile(&files).map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let sound = with(own).expect("it fits");
    let teams: Vec<&str> = sound.routing.teams.keys().map(String::as_str).collect();
    assert_eq!(teams, ["experts", "service"]);
    let reasons: Vec<&str> = sound.routing.reasons.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(reasons, ["break", "training", "lunch"]);
    let late = with(&own.replace("of=\"1.0.0\"", "of=\"0.9.0\"")).expect_err("it is late");
    assert!(late[0].starts_with("overlays/routing/own.xml:3:22: there is no version"), "{late:?}");
    // a mistake in what came stands in the file that it came from
    let unserved =
        with(&own.replace("serves=\"faults\"", "serves=\"fault\"")).expect_err("unknown");
    assert!(unserved[0].contains("own.xml:6:30: the queue `fault` is unknown"), "{unserved:?}");
    let misplaced = with("<!DOCTYPE routing SYSTEM \"routing.dtd\"><routing/>");
    assert!(misplaced.is_err());
}

#[test]
fn words_of_values_are_recorded_in_a_folder_of_their_language() {
    let mut files = utilities();
    let other = "You have <v of=\"3\"/>.<in language=\"nl\">U hebt <v of=\"true\"/>.</in>";
    let menu = String::from_utf8(files["scripts/main-menu.xml"].clone()).expect("text");
    let menu = menu
        .replace("language=\"en\" channels", "language=\"en\" languages=\"nl\" channels")
        .replacen(" recording=\"welcome\"", "", 1)
        .replacen("Welcome to Lek and Linge Energy.", other, 1);
    files.insert("scripts/main-menu.xml".to_owned(), menu.into_bytes());
    let unheard = |files: &BTreeMap<String, Vec<u8>>| {
        let application = compile(files).expect("it is sound");
        application.unheard.iter().map(|it| it.finding.to_string()).collect::<Vec<_>>()
    };
    let said = unheard(&files);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("scripts/main-menu.xml:10:5: on the telephone, this text"));
    for name in ["ja", "nee"] {
        files.insert(format!("prompts/nl/phrases/{name}.wav"), Vec::new());
    }
    let application = compile(&files).expect("it is sound");
    let path = application.prompts.get("nl/phrases/ja").map(String::as_str);
    assert_eq!(path, Some("prompts/nl/phrases/ja.wav"));
    assert!(!application.prompts.contains_key("ja") && !application.prompts.contains_key("nl/ja"));
    assert_eq!(compile(&utilities()).expect("it is sound").unheard, []);
}

#[test]
fn a_queue_that_may_starve_is_advice_and_no_mistake() {
    let mut files = utilities();
    assert_eq!(compile(&files).expect("it is sound").routing_advice, []);
    let routing = String::from_utf8(files["routing.xml"].clone()).expect("text");
    let strict = routing.replace("<routing version=\"1.0.0\" age=\"2m\">", "<routing>");
    files.insert("routing.xml".to_owned(), strict.into_bytes());
    let advice = compile(&files).expect("it is sound").routing_advice;
    let [finding] = advice.as_slice() else { panic!("one of `moving`: {advice:?}") };
    assert_eq!((finding.code, &*finding.file), ("CQ0120", "routing.xml"));
    assert!(finding.message.contains("nobody in `moving` is served"), "{finding}");
}

#[test]
fn prompts_are_known_by_their_language_and_music_by_its_name_alone() {
    let mut files = utilities();
    files.insert("prompts/nl/welcome.wav".to_owned(), Vec::new());
    files.insert("prompts/nl/old/welcome.wav".to_owned(), Vec::new());
    let application = compile(&files).expect("it is sound");
    let path = |id: &str| application.prompts.get(id).map(String::as_str);
    assert_eq!(path("welcome"), Some("prompts/en/welcome.wav"));
    assert_eq!(path("nl/welcome"), Some("prompts/nl/welcome.wav"));
    assert_eq!(path("waiting-music"), Some("prompts/waiting-music.wav"));
    let main_menu = String::from_utf8(files["scripts/main-menu.xml"].clone()).expect("text");
    let dutch = main_menu
        .replace("language=\"en\" channels", "language=\"en\" languages=\"nl\" channels")
        .replacen("Energy.</say>", "Energy.<in language=\"nl\">Welkom.</in></say>", 1)
        .replacen("press 2.</say>", "press 2.<in language=\"nl\">Kies 1 of 2.</in></say>", 1);
    files.insert("scripts/main-menu.xml".to_owned(), dutch.into_bytes());
    let advice = compile(&files).expect("it is sound").advice;
    let unspoken: Vec<u32> =
        advice.iter().filter(|it| it.code == "CG0903").map(|it| it.line).collect();
    assert_eq!(unspoken, [11], "the menu is not recorded in Dutch, the welcome is");
}

#[test]
fn mistakes_of_several_files_come_at_once_in_the_order_of_the_files() {
    let mut files = utilities();
    files.insert("objects/bad.xml".to_owned(), b"<nonsense/>".to_vec());
    files.insert("script/lost.xml".to_owned(), b"<script/>".to_vec());
    files.remove("routing.xml");
    let findings = compile(&files).expect_err("mistakes");
    let places: Vec<&str> = findings.iter().map(|finding| &*finding.file).collect();
    assert!(places.is_sorted(), "{places:?}");
    for place in ["objects/bad.xml", "routing.xml", "script/lost.xml"] {
        assert!(places.contains(&place), "{place} is missing in {places:?}");
    }
}

#[test]
fn classes_behind_a_wrapper_belong_to_a_declared_one() {
    let payments = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
        <business-objects wrapper="billing" country="NL">
          <class id="p" name="Payment" key="number">
            <attribute id="p1" name="number" type="int" required="yes"/>
            <to-one id="p2" name="customer" class="Customer"/>
            <index attributes="customer"/>
          </class>
        </business-objects>"#;
    let mut files = utilities();
    files.insert("objects/payments.xml".into(), payments.into());
    let application = compile(&files).expect("it is sound");
    let billing = application.wrappers.iter().find(|wrapper| wrapper.name == "billing");
    let payment = &billing.expect("it is declared").classes["Payment"];
    let members: Vec<String> = payment.members.values().map(ToString::to_string).collect();
    assert_eq!(members, ["text", "int"]);
    assert_eq!(payment.searches, std::collections::BTreeSet::from(["customer".to_owned()]));

    files.insert(
        "objects/payments.xml".into(),
        payments.replace("\"billing\"", "\"biling\"").into(),
    );
    let findings = compile(&files).expect_err("no such wrapper");
    let expected = "class `Payment` is held by wrapper `biling`, which is not declared here";
    assert_eq!((findings[0].code, findings[0].message.as_str()), ("CP0206", expected));
    assert_eq!(findings[0].hint.as_deref(), Some("did you mean `billing`?"));

    files.insert("objects/payments.xml".into(), payments.into());
    let manifest = String::from_utf8(files["application.xml"].clone()).expect("it is text");
    let manifest = manifest.replace("class=\"Interaction\"", "class=\"Payment\"");
    files.insert("application.xml".into(), manifest.into());
    let findings = compile(&files).expect_err("payments are not kept here");
    assert_eq!(findings[0].code, "CP0207");
}
