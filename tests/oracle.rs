//! The ground truth: `tests/oracle/run.mjs` starts two real instances of every server below `fixtures/oracle` and writes what
//! happened into `fixtures/ORACLE.md`. With `CROSSCAST_ORACLE=1` this test runs it; without, it compares today's verdicts
//! with the recorded ones, which needs neither Node nor a broker, and shows that broken rules contradict what was observed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may panic and says what it skipped"
)]

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One row of the table: the case, `file:line`, what was observed, what crosscast said, whether they agree.
struct Row {
    case: String,
    place: String,
    observed: String,
    says: String,
    agree: String,
}

fn cases() -> PathBuf {
    support::package().join("fixtures/oracle")
}

fn table() -> Vec<Row> {
    let text = std::fs::read_to_string(support::package().join("fixtures/ORACLE.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ["));
    rows.map(|line| {
        let cells: Vec<_> = line.trim_end_matches(" |").split(" | ").collect();
        assert_eq!(cells.len(), 7, "a row of ORACLE.md has seven cells: {line}");
        let (case, _) = cells[0].split_once(']').unwrap();
        let [case, place, observed, says, agree] =
            [case, cells[2], cells[4], cells[5], cells[6]].map(str::to_owned);
        Row { case, place, observed, says, agree }
    })
    .collect()
}

/// The verdict of the report on a line, in the words of the table.
fn verdicts(report: &Value, place: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let at = |item: &&Value| format!("{}:{}", text(&item["location"]["file"]), item["location"]["line"]) == place;
    let list = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    let paths = list("broadcastPaths")
        .iter()
        .filter(at)
        .map(|path| {
            let defect = path["defect"].as_str().map_or(String::new(), |defect| format!(" {defect}"));
            format!("{}/{}{defect}", text(&path["reach"]), text(&path["mechanism"]))
        })
        .collect::<Vec<_>>();
    let stores =
        list("stateStores").iter().filter(at).map(|store| text(&store["classification"])).collect::<Vec<_>>();
    [paths, stores].concat()
}

/// What a verdict means for two real instances.
fn means(says: &str) -> &'static [&'static str] {
    match says.split('/').next().unwrap_or_default() {
        "cluster" => &["every instance"],
        "host" => &["one host"],
        // What nobody receives, not even here, reaches no other instance either.
        "process" => &["one instance", "nobody"],
        // The adapter's rooms are seen by every instance and persisted by none: SPEC 3 counts them as shared.
        "shared" => &["shared", "seen, but lost"],
        "local-disk" => &["local-disk"],
        "in-process" => &["in-process"],
        _ => &[],
    }
}

#[test]
fn every_case_stands_in_the_table() {
    let listed: BTreeSet<_> = table().into_iter().map(|row| row.case).collect();
    let folders: BTreeSet<_> = std::fs::read_dir(cases())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("oracle.toml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(folders, listed, "run `node tests/oracle/run.mjs --write`");
    assert!(table().len() >= 40, "the table has lost rows");
}

#[test]
fn the_verdicts_of_today_are_those_that_were_checked() {
    let mut wrong = Vec::new();
    let mut audited: Option<(String, Value)> = None;
    for row in table() {
        if audited.as_ref().is_none_or(|(case, _)| *case != row.case) {
            audited = Some((row.case.clone(), support::audit(&cases().join(&row.case), &[]).unwrap()));
        }
        let today = audited.as_ref().map(|(_, report)| verdicts(report, &row.place)).unwrap_or_default();
        let recorded = row.says == "nothing" && today.is_empty() || today.contains(&row.says);
        if !recorded {
            wrong.push(format!("{} {}: recorded {}, today {today:?}", row.case, row.place, row.says));
        }
        if (row.agree == "yes") != means(&row.says).contains(&row.observed.as_str()) {
            wrong.push(format!(
                "{} {}: `{}` beside {} and {}",
                row.case, row.place, row.agree, row.observed, row.says
            ));
        }
        if row.agree != "yes" && row.agree.trim_start_matches("no:").trim().is_empty() {
            wrong.push(format!("{} {}: a disagreement without a reason", row.case, row.place));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What a broken rule must be caught by: the file, parts of its text with what stands there instead, and the package of the
/// cases that it is about.
struct Broken {
    file: &'static str,
    edits: &'static [(&'static str, &'static str)],
    package: &'static str,
}

const BROKEN: &[Broken] = &[
    // An adapter that is said to carry nothing: false alarms.
    Broken {
        file: "socket.io-redis-adapter.toml",
        edits: &[("adapter = { reach = \"cluster\", backend = \"redis\" }", "adapter = { reach = \"process\" }")],
        package: "@socket.io/redis-adapter",
    },
    // An adapter of one machine that is said to cross machines.
    Broken {
        file: "socket.io-cluster-adapter.toml",
        edits: &[(
            "adapter = { reach = \"host\", needs-hub = true }",
            "adapter = { reach = \"cluster\", backend = \"ipc\" }",
        )],
        package: "@socket.io/cluster-adapter",
    },
    // Clients that need no `connect()` in any version: a false pass.
    Broken { file: "redis.toml", edits: &[("connect-since = \">=4\", ", "")], package: "redis" },
    // An emitter that every adapter hears: a false pass.
    Broken {
        file: "socket.io-redis-adapter.toml",
        edits: &[(", protocol = \"redis-sharded\"", "")],
        package: "@socket.io/redis-emitter",
    },
    // A queue group that is no longer known to share: a false pass.
    Broken {
        file: "nats.toml",
        edits: &[("competing = true,", ""), ("queue-job", "subscription")],
        package: "nats",
    },
    // Files that every instance is said to share.
    Broken {
        file: "local-files.toml",
        edits: &[("class = \"local-disk\"", "class = \"shared\"")],
        package: "classic-level",
    },
    // A table in memory that is said to be shared, and a delivery that is no longer known to be one.
    Broken { file: "ws.toml", edits: &[("deliver = \"connection\"", "close = true")], package: "ws" },
];

/// What contradicts the observations if the rules are overridden by those of a folder, in the cases that need a package.
fn contradicted(rules: Option<&Path>, package: &str) -> Vec<String> {
    let rules = rules.map(|folder| folder.to_string_lossy().into_owned());
    let more: Vec<&str> = rules.iter().flat_map(|folder| ["--rules", folder]).collect();
    let needs = |case: &str| {
        let manifest = std::fs::read_to_string(cases().join(case).join("package.json")).unwrap();
        manifest.contains(&format!("\"{package}\":"))
    };
    let mut found = Vec::new();
    let mut audited: Option<(String, Value)> = None;
    for row in table().into_iter().filter(|row| row.agree == "yes" && needs(&row.case)) {
        if audited.as_ref().is_none_or(|(case, _)| *case != row.case) {
            audited = Some((row.case.clone(), support::audit(&cases().join(&row.case), &more).unwrap()));
        }
        let today = audited.as_ref().map(|(_, report)| verdicts(report, &row.place)).unwrap_or_default();
        if !today.iter().any(|says| means(says).contains(&row.observed.as_str())) {
            found.push(format!("{} {}: observed {}, today {today:?}", row.case, row.place, row.observed));
        }
    }
    found
}

#[test]
fn a_broken_rule_contradicts_what_was_observed() {
    let mut unnoticed = Vec::new();
    for broken in BROKEN {
        let before = contradicted(None, broken.package);
        assert!(before.is_empty(), "with the rules as they are:\n{}", before.join("\n"));
        let mut rules =
            std::fs::read_to_string(support::package().join("rules/libraries").join(broken.file)).unwrap();
        for (text, instead) in broken.edits {
            assert!(rules.contains(text), "{} has no `{text}` any more", broken.file);
            rules = rules.replace(text, instead);
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(broken.file), rules).unwrap();
        let after = contradicted(Some(folder.path()), broken.package);
        println!("{} with {:?}:\n  {}", broken.file, broken.edits, after.join("\n  "));
        if after.is_empty() {
            unnoticed.push(format!("{}: {:?}", broken.file, broken.edits));
        }
    }
    assert!(unnoticed.is_empty(), "the oracle stays green with\n{}", unnoticed.join("\n"));
}

#[test]
fn two_real_instances_agree() {
    if std::env::var("CROSSCAST_ORACLE").as_deref() != Ok("1") {
        eprintln!("skipped: set CROSSCAST_ORACLE=1 to run two real instances of every case");
        return;
    }
    let runner = support::package().join("tests/oracle/run.mjs");
    let output = Command::new("node").arg(runner).arg("--bin").arg(env!("CARGO_BIN_EXE_crosscast")).output();
    let Ok(output) = output else {
        eprintln!("skipped: node is not installed");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
