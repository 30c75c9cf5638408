//! The formats for other programs, judged by what reads them: the SARIF schema, an XML parser, and the lines of the source.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// All reports of one audit, and the JSON report among them.
struct Written {
    folder: TempDir,
    report: Value,
}

impl Written {
    /// Audits a folder once and writes every format.
    fn of(root: &Path) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let mut run = support::crosscast();
        run.current_dir(root).args(["--quiet", "--fail-on", "never"]);
        for format in ["json", "sarif", "github", "unix", "markdown", "junit", "gitlab", "mermaid", "dot", "html"] {
            let file = folder.path().join(format);
            run.arg("--output").arg(format!("{format}={}", file.to_string_lossy()));
        }
        let output = run.output().expect("a run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut written = Written { folder, report: Value::Null };
        written.report = written.json("json");
        written
    }

    fn text(&self, format: &str) -> String {
        fs::read_to_string(self.folder.path().join(format)).expect("a report")
    }

    fn json(&self, format: &str) -> Value {
        serde_json::from_str(&self.text(format)).expect("JSON")
    }

    /// `file:line:column` of every path and store that a check names or that is suppressed and would be named.
    fn places(&self, suppressed_too: bool) -> BTreeSet<String> {
        let services = items(&self.report, "services").flat_map(|service| items(service, "checks"));
        let checks: Vec<&Value> = services.chain(items(&self.report, "checks")).collect();
        let named: BTreeSet<&str> = checks
            .iter()
            .flat_map(|check| items(check, "findings").chain(items(check, "warnings")))
            .filter_map(Value::as_str)
            .collect();
        let broken =
            |item: &&Value| item["classification"] != "pubsub-backed" && item["classification"] != "shared";
        items(&self.report, "broadcastPaths")
            .chain(items(&self.report, "stateStores"))
            .filter(|item| {
                named.contains(text_of(&item["id"])) || (suppressed_too && !item["suppressed"].is_null())
            })
            .filter(broken)
            .map(|item| place(&item["location"], ["file", "line", "column"]))
            .collect()
    }
}

fn items<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn place(value: &Value, [file, line, column]: [&str; 3]) -> String {
    format!("{}:{}:{}", text_of(&value[file]), value[line], value[column])
}

fn sarif_place(location: &Value) -> String {
    let physical = &location["physicalLocation"];
    let region = &physical["region"];
    format!("{}:{}:{}", text_of(&physical["artifactLocation"]["uri"]), region["startLine"], region["startColumn"])
}

/// Every format over every fixture: well-formed, and about the same places as the JSON report.
#[test]
fn every_fixture_in_every_format() {
    let schema =
        fs::read_to_string(support::package().join("tests/data/sarif-2.1.0.schema.json")).expect("the schema");
    let mut schema: Value = serde_json::from_str(&schema).expect("JSON");
    // The pattern of a language has a bracket too many for the validator; the log states no language.
    for definition in ["run", "toolComponent"] {
        schema["definitions"][definition]["properties"]["language"]["pattern"] = Value::from(".*");
    }
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for (name, folder) in support::fixtures() {
        let written = Written::of(&folder);
        let sarif = written.json("sarif");
        let errors: Vec<_> = validator.iter_errors(&sarif).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
        sarif_agrees(&name, &written, &sarif);
        every_finding_has_a_remedy(&name, &written);
        junit_agrees(&name, &written);
        let unix = written.text("unix");
        for place in written.places(false) {
            assert!(unix.contains(&format!("{place}: ")), "{name}: {place} is not in\n{unix}");
        }
        let gitlab = written.json("gitlab");
        let fingerprints: Vec<&str> =
            gitlab.as_array().expect("a list").iter().map(|entry| text_of(&entry["fingerprint"])).collect();
        let unique: BTreeSet<_> = fingerprints.iter().collect();
        assert_eq!(unique.len(), fingerprints.len(), "{name}: {fingerprints:?}");
    }
}

/// No finding is left alone, and no placeholder is left unfilled.
fn every_finding_has_a_remedy(name: &str, written: &Written) {
    let remedies = || items(&written.report, "remedies");
    let healed: BTreeSet<&str> =
        remedies().flat_map(|remedy| items(remedy, "findings")).filter_map(Value::as_str).collect();
    let services = items(&written.report, "services").flat_map(|service| items(service, "checks"));
    let named = services.flat_map(|check| items(check, "findings").chain(items(check, "warnings")));
    let alone: Vec<&str> = named.filter_map(Value::as_str).filter(|id| !healed.contains(id)).collect();
    assert!(alone.is_empty(), "{name}: {alone:?}");
    for remedy in remedies() {
        assert!(!remedy.to_string().contains(['«', '»']), "{name}: {remedy:#}");
    }
}

fn sarif_agrees(name: &str, written: &Written, sarif: &Value) {
    let run = &sarif["runs"][0];
    let rules: Vec<&str> = items(&run["tool"]["driver"], "rules").map(|rule| text_of(&rule["id"])).collect();
    let mut places = BTreeSet::new();
    for result in items(run, "results") {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index], text_of(&result["ruleId"]), "{name}");
        if text_of(&result["ruleId"]).contains('.') {
            places.insert(sarif_place(&result["locations"][0]));
        }
    }
    assert_eq!(places, written.places(true), "{name}");
}

fn junit_agrees(name: &str, written: &Written) {
    let text = written.text("junit");
    let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
    let failures = document.descendants().filter(|node| node.has_tag_name("failure")).count();
    let checks = items(&written.report, "services").flat_map(|service| items(service, "checks"));
    let failed = checks.filter(|check| check["status"] == "fail").count();
    assert_eq!(failures, failed, "{name}");
    let root = document.root_element();
    assert_eq!(root.attribute("failures"), Some(failed.to_string().as_str()), "{name}");
}

/// Lines, columns, traces and suppressions of one fixture, as they stand in its source.
#[test]
fn places_are_those_of_the_source() {
    let root = support::package().join("fixtures/socketio/chat-without-adapter");
    let source = fs::read_to_string(root.join("server.js")).expect("the source");
    let line_of = |text: &str| 1 + source.lines().position(|line| line.contains(text)).expect("a line") as u64;
    let written = Written::of(&root);
    let sarif = written.json("sarif");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["level"], "error");
    assert_eq!(result["ruleId"], "community-realtime.message-delivery.pubsub-cross-instance");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"].as_u64(), Some(line_of("io.emit('chat message', msg)")));
    assert_eq!(region["startColumn"], 5);
    let flow = &result["codeFlows"][0]["threadFlows"][0]["locations"];
    let lines: Vec<_> = items(&result["codeFlows"][0]["threadFlows"][0], "locations")
        .map(|step| sarif_place(&step["location"]))
        .collect();
    let trigger = line_of("socket.on('chat message'");
    assert!(lines[0].starts_with(&format!("server.js:{trigger}:")), "{flow:#}");
    assert!(lines.last().expect("the delivery").starts_with(&format!("server.js:{}:", trigger + 1)), "{flow:#}");
    let endpoint = line_of("const io");
    let related: Vec<_> = items(result, "relatedLocations").map(sarif_place).collect();
    assert!(related.iter().any(|place| place.starts_with(&format!("server.js:{endpoint}:"))), "{related:?}");
    let unix = written.text("unix");
    assert!(unix.contains(&format!("server.js:{}:5: error: ", trigger + 1)), "{unix}");
    let github = written.text("github");
    assert!(github.contains(&format!("server.js,line={0},endLine={0},col=5,", trigger + 1)), "{github}");
    assert_eq!(written.json("gitlab")[0]["location"]["lines"]["begin"].as_u64(), Some(trigger + 1));
}

/// Services find files from the repository's root; a run in a folder above the audited one says where that is.
#[test]
fn paths_lead_from_the_working_folder() {
    let show = |format: &str| {
        let mut run = support::crosscast();
        run.current_dir(support::package().join("fixtures")).args([
            "--format",
            format,
            "socketio/chat-without-adapter",
        ]);
        String::from_utf8(run.output().expect("a run").stdout).expect("UTF-8")
    };
    for format in ["sarif", "github", "unix", "markdown", "junit", "gitlab"] {
        assert!(show(format).contains("socketio/chat-without-adapter/server.js"), "{format}");
    }
    assert!(
        !show("json").contains("socketio/chat-without-adapter/server.js"),
        "the contract: relative to the root"
    );
}

#[test]
fn an_output_that_cannot_be_written_is_exit_code_2() {
    let root = support::package().join("fixtures/socketio/chat-without-adapter");
    let mut run = support::crosscast();
    let output = run.arg(root).args(["--output", "json=/nowhere/at/all.json"]).output().expect("a run");
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("/nowhere/at/all.json"), "{message}");
}

/// Words that a report can carry have an explanation.
#[test]
fn every_code_is_explained() {
    let codes = crosscast::checks::codes().expect("the explanations");
    let known: BTreeSet<&str> = codes.iter().map(|code| code.code.as_str()).collect();
    assert_eq!(known.len(), codes.len(), "a code is explained twice");
    let schema: Value = serde_json::from_str(&crosscast::report::schema().expect("the schema")).expect("JSON");
    let words = ["Defect", "ProblemKind"].into_iter().flat_map(|name| items(&schema["$defs"][name], "oneOf"));
    let words: Vec<String> = words.map(|variant| text_of(&variant["const"]).to_owned()).collect();
    assert!(words.len() > 10, "{words:?}");
    let mut used: BTreeSet<String> = words.into_iter().collect();
    for (name, folder) in support::fixtures() {
        let report = support::audit(&folder, &[]).unwrap_or_else(|error| panic!("{name}: {error}"));
        used.extend(items(&report, "advisories").map(|advisory| text_of(&advisory["code"]).to_owned()));
    }
    let missing: Vec<_> = used.iter().filter(|word| !known.contains(word.as_str())).collect();
    assert!(missing.is_empty(), "rules/codes.toml does not explain {missing:?}");
}

/// The page runs in a browser: its script ends, and a filter hides what does not fit, in the list and in the picture.
/// Without Chromium on the machine there is nothing to run.
#[test]
fn the_page_works_in_a_browser() {
    let folder = TempDir::new().expect("a temporary folder");
    let page = folder.path().join("report.html");
    let mut run = support::crosscast();
    let output = run
        .arg(support::package().join("fixtures/projects/two-services"))
        .args(["--quiet", "--output", &format!("html={}", page.to_string_lossy())])
        .output()
        .expect("a run");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let Some(dom) = in_browser(&page, "#find=apps/board", folder.path()) else { return };
    let document = dom.replace("<!DOCTYPE html>", "");
    assert!(document.contains("data-ready=\"yes\""), "the script stopped:\n{document}");
    let item = |id: &str| {
        let at = document.find(&format!("id=\"{id}\"")).expect("an item");
        let start = document[..at].rfind('<').expect("its start");
        document[start..at].to_owned()
    };
    assert!(!item("b1").contains("hidden") && item("b2").contains("hidden"), "{} {}", item("b1"), item("b2"));
    let hidden = document.matches("class=\"node shared hidden\"").count();
    let islands = document.matches("class=\"node island\"").count();
    assert_eq!((hidden, islands), (4, 2), "the other service's nodes are hidden, the island stays");
}

/// The page as the browser has it after its script ran; none without a browser.
fn in_browser(page: &Path, hash: &str, folder: &Path) -> Option<String> {
    let mut browser = std::process::Command::new("chromium");
    browser
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.join("profile").to_string_lossy()))
        .arg(format!("{}{hash}", url::Url::from_file_path(page).expect("an absolute path")));
    match browser.output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{error}"),
    }
}
