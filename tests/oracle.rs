//! The ground truth: `tests/oracle/run.mjs` starts two real instances of every server below `fixtures/oracle` and writes what
//! happened into `fixtures/ORACLE.md`. With `CROSSCAST_ORACLE=1` this test runs it; without, it compares today's verdicts
//! with the recorded ones, which needs neither Node nor a broker.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may panic and says what it skipped"
)]

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
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
