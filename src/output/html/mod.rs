//! One page that needs nothing else: verdicts, the picture, filters, and the evidence of every path and store. It loads
//! nothing, so it can be kept as an artifact of a build and opened anywhere.

mod picture;

use super::text::{entity, replaced};
use std::io::{self, Write};

use super::topology::{Topology, mark_of};
use super::{Style, words};
use crate::report::{
    BroadcastPath, CheckResult, Evidence, Remedy, Report, StateStore, StoreClass, Suppressed, Trigger,
};

/// Triggers of one path that are listed.
const TRIGGERS_SHOWN: usize = 40;

const CSS: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes the page.
pub(super) fn write(report: &Report, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let topology = Topology::new(report);
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    // Nothing is loaded and nothing is sent, whatever stands in the report.
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src \
         'unsafe-inline'\">"
    )?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<title>crosscast</title>\n<style>\n{CSS}</style>\n</head>\n<body>")?;
    writeln!(out, "<h1>When a second instance starts</h1>")?;
    verdicts(report, out)?;
    filters(report, out)?;
    writeln!(out, "<h2>Topology</h2>")?;
    match picture::svg(&topology).as_str() {
        "" => writeln!(out, "<p>No broadcast path was found.</p>")?,
        svg => writeln!(
            out,
            "<p class=\"legend\"><span class=\"key shared\">reaches every instance</span> <span class=\"key island\">stays in \
             one instance: an island</span> <span class=\"key suppressed\">suppressed</span></p>\n<div class=\"scroll\">\
             \n{svg}</div>"
        )?,
    }
    paths(report, out)?;
    stores(report, out)?;
    rest(report, out)?;
    let (seen, parsed) = (report.stats.files_seen, report.stats.files_parsed);
    writeln!(
        out,
        "<footer>crosscast {}: {seen} JS/TS files seen, {parsed} parsed.</footer>",
        escaped(&report.tool.version)
    )?;
    writeln!(out, "<script>\n{SCRIPT}</script>\n</body>\n</html>")
}

fn verdicts(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<ul class=\"verdicts\">")?;
    for check in &report.checks {
        let counts = words::counts(check).join(" · ");
        writeln!(
            out,
            "<li class=\"{0}\"><strong>{0}</strong> <code>{1}</code><br><span>{2}</span><p>{3}</p></li>",
            check.status.word(),
            escaped(&check.name),
            escaped(&counts),
            escaped(&check.detail)
        )?;
    }
    writeln!(out, "</ul>")?;
    if report.services.len() < 2 {
        return Ok(());
    }
    let heads: String = report.checks.iter().map(|check| format!("<th>{}</th>", escaped(&check.name))).collect();
    writeln!(out, "<table><thead><tr><th>service</th>{heads}</tr></thead><tbody>")?;
    for service in &report.services {
        let cell = |check: &CheckResult| format!("<td class=\"{0}\">{0}</td>", check.status.word());
        let cells: String = service.checks.iter().map(cell).collect();
        writeln!(out, "<tr><td><code>{}</code></td>{cells}</tr>", escaped(&service.root))?;
    }
    writeln!(out, "</tbody></table>")
}

fn filters(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let services: String =
        report.services.iter().map(|service| format!("<option>{}</option>", escaped(&service.root))).collect();
    writeln!(
        out,
        "<form id=\"filters\" autocomplete=\"off\"><label>Find <input id=\"find\" type=\"search\" placeholder=\"event, file, \
         function\"></label> <label>Service <select id=\"service\"><option value=\"\">all</option>{services}</select></label>\
         <label><input type=\"checkbox\" class=\"mark\" value=\"island\" checked> in-process</label>\
         <label><input type=\"checkbox\" class=\"mark\" value=\"shared\" checked> shared</label>\
         <label><input type=\"checkbox\" class=\"mark\" value=\"suppressed\" checked> suppressed</label></form>"
    )
}

fn paths(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<h2>Broadcasts</h2>")?;
    for path in &report.broadcast_paths {
        let mark = mark_of(path).word();
        let event = path.event.as_ref().map(|event| format!(" <q>{}</q>", escaped(event))).unwrap_or_default();
        writeln!(
            out,
            "<details class=\"item {mark}\" id=\"{0}\" data-mark=\"{mark}\" data-service=\"{1}\"><summary><b>{0}</b> {2} {3}\
             {event} {4}: {5} <code>{6}</code></summary>",
            escaped(&path.id),
            escaped(&path.service),
            escaped(&path.transport),
            escaped(&path.operation),
            words::whom(path.scope),
            path.classification.word(),
            escaped(&words::place(&path.location)),
        )?;
        writeln!(out, "<pre>{}</pre><p>{}</p>", escaped(&path.code), escaped(&why(path)))?;
        triggers(&path.triggers, out)?;
        evidence(&path.evidence, out)?;
        remedy(report, &path.id, out)?;
        writeln!(out, "</details>")?;
    }
    Ok(())
}

/// Why a path is as it is.
fn why(path: &BroadcastPath) -> String {
    match path.classification {
        crate::report::Classification::PubsubBacked => words::capitalised(&words::outcome(path)),
        crate::report::Classification::InProcess => {
            format!("{}{}", words::capitalised(&words::reason(path)), words::suppressed(path.suppressed.as_ref()))
        }
    }
}

fn triggers(triggers: &[Trigger], out: &mut dyn Write) -> io::Result<()> {
    if triggers.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>Runs on</h3><ul>")?;
    for trigger in triggers.iter().take(TRIGGERS_SHOWN) {
        let start = (words::trigger(trigger), words::place(&trigger.location));
        let frames = trigger.trace.iter().map(|frame| (frame.function.clone(), words::place(&frame.location)));
        let steps: Vec<String> = std::iter::once(start)
            .chain(frames)
            .map(|(what, place)| format!("{} <code>{}</code>", escaped(&what), escaped(&place)))
            .collect();
        writeln!(out, "<li>{}</li>", steps.join(" → "))?;
    }
    if triggers.len() > TRIGGERS_SHOWN {
        writeln!(out, "<li>… and {} more; the JSON report has them all</li>", triggers.len() - TRIGGERS_SHOWN)?;
    }
    writeln!(out, "</ul>")
}

fn evidence(evidence: &[Evidence], out: &mut dyn Write) -> io::Result<()> {
    if evidence.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>Evidence</h3><ul>")?;
    for each in evidence {
        let place = words::place(&each.location);
        writeln!(out, "<li>{} <code>{}</code></li>", escaped(&each.what), escaped(&place))?;
    }
    writeln!(out, "</ul>")
}

fn remedy(report: &Report, id: &str, out: &mut dyn Write) -> io::Result<()> {
    let is_for = |remedy: &&Remedy| remedy.findings.iter().any(|each| each == id);
    let Some(remedy) = report.remedies.iter().find(is_for) else { return Ok(()) };
    let text = remedy.text.as_deref().unwrap_or_default();
    writeln!(out, "<h3>What to do</h3><p><b>{}</b> {}</p>", escaped(&remedy.title), escaped(text))?;
    let mut lines = remedy.install.iter().chain(&remedy.code);
    lines.try_for_each(|lines| writeln!(out, "<pre>{}</pre>", escaped(lines)))
}

fn stores(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.state_stores.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>State</h2>")?;
    for store in &report.state_stores {
        let mark = store_mark(store);
        writeln!(
            out,
            "<details class=\"item {mark}\" id=\"{0}\" data-mark=\"{mark}\" data-service=\"{1}\"><summary><b>{0}</b> {2}: {3} \
             <q>{4}</q>, {5} <code>{6}</code></summary>",
            escaped(&store.id),
            escaped(&store.service),
            words::types(store),
            escaped(&store.container),
            escaped(&store.name),
            escaped(&words::lives(store)),
            escaped(&words::place(&store.location)),
        )?;
        let suppressed = words::suppressed(store.suppressed.as_ref());
        if !suppressed.is_empty() {
            writeln!(out, "<p>{}</p>", escaped(suppressed.trim()))?;
        }
        evidence(&store.evidence, out)?;
        remedy(report, &store.id, out)?;
        writeln!(out, "</details>")?;
    }
    Ok(())
}

fn store_mark(store: &StateStore) -> &'static str {
    let is_suppressed = |suppressed: &Option<Suppressed>| suppressed.is_some();
    match store.classification {
        StoreClass::Shared => "shared",
        _ if is_suppressed(&store.suppressed) || store.covered => "suppressed",
        _ => "island",
    }
}

/// Integrations, deployment, advisories, problems.
fn rest(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let integrations = report.integrations.iter().map(|each| {
        let backend = each.backend.as_deref().unwrap_or("unknown backend");
        let package = each.package.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
        (format!("{} over {backend}{package}", each.kind.word()), words::place(&each.location))
    });
    list(out, "Pub/sub integrations", integrations.collect())?;
    let declared = report.deployment.declared.iter().map(|declared| {
        (format!("declared single-instance: {}", declared.reason), words::place(&declared.location))
    });
    let deployment = report.deployment.evidence.iter().map(|each| {
        let count = if each.multi_instance { "several instances" } else { "one instance" };
        (format!("{} {}: {count}", each.kind, each.value), words::place(&each.location))
    });
    list(out, "Deployment", declared.chain(deployment).collect())?;
    let advisories = report
        .advisories
        .iter()
        .map(|each| (format!("{}: {}", each.code, each.message), words::place(&each.location)));
    list(out, "Advisories", advisories.collect())?;
    let problems = report.problems.iter().map(|each| {
        let line = each.line.map(|line| format!(":{line}")).unwrap_or_default();
        (format!("{}: {}", each.kind.word(), each.message), format!("{}{line}", each.file))
    });
    list(out, "Left out of the audit", problems.collect())
}

fn list(out: &mut dyn Write, title: &str, rows: Vec<(String, String)>) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>{title}</h2><ul>")?;
    for (what, place) in rows {
        writeln!(out, "<li>{} <code>{}</code></li>", escaped(&what), escaped(&place))?;
    }
    writeln!(out, "</ul>")
}

/// Text in elements and quoted attributes (<https://html.spec.whatwg.org/multipage/syntax.html#text>).
fn escaped(text: &str) -> String {
    replaced(text, |character| match character {
        '\'' => Some("&#39;"),
        '\0' => Some("\u{fffd}"),
        other => entity(other),
    })
}
