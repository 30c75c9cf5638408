//! What fails: one path or store at a time, as a picture of the places that matter.

use miette::Severity as Icon;
use std::collections::BTreeSet;
use std::io::{self, Write};

use super::super::findings::{Finding, Level, Subject, headline};
use super::super::words;
use super::Page;
use super::excerpt::{Mark, Picture};
use crate::report::{BroadcastPath, Defect, Evidence, Location, Reach, StateStore, Trigger};

/// Without `--verbose`: this many marks beside the delivery or the declaration.
const MARKS_SHOWN: usize = 4;

/// What stands above already: remedies by their id, and endpoints by their place.
pub(super) type Said = BTreeSet<String>;

impl Page<'_> {
    /// One finding: who misses what and why, the places, and what to do.
    pub(super) fn item(&self, out: &mut dyn Write, finding: &Finding, said: &mut Said) -> io::Result<()> {
        let (id, location, marks) = match finding.subject {
            Subject::Path(path) => (&path.id, &path.location, self.path_marks(path, said)),
            Subject::Store(store) => (&store.id, &store.location, self.store_marks(store)),
            Subject::Advisory(_) | Subject::Problem(_) => return Ok(()),
        };
        let icon = match finding.level {
            Level::Error => Icon::Error,
            Level::Warning => Icon::Warning,
            Level::Note => Icon::Advice,
        };
        let message = format!("{} {}", self.paint.bold(id), headline(finding));
        let picture = Picture::new(icon, message, self.help(id, said), &marks, self.style);
        writeln!(out)?;
        let drawn = picture.drawn(self.style).map_err(io::Error::other)?;
        // The lines of the source end with blanks where they are cut.
        drawn.trim_matches('\n').lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))?;
        if picture.is_without_source() {
            let code = match finding.subject {
                Subject::Path(path) => format!(": {}", path.code),
                _ => String::new(),
            };
            self.row(out, &format!("{}{code}", words::position(location)))?;
        }
        match finding.subject {
            Subject::Path(path) if self.style.verbose => {
                self.triggers(out, &path.triggers)?;
                self.evidence(out, &path.evidence)
            }
            Subject::Store(store) if self.style.verbose => self.evidence(out, &store.evidence),
            _ => Ok(()),
        }
    }

    /// What to do, in a few words; the lines stand below. What was said of the finding before is not said again.
    fn help(&self, id: &str, said: &mut Said) -> Option<String> {
        let remedy = self.report.remedies.iter().find(|remedy| remedy.findings.iter().any(|each| each == id))?;
        let is_new = said.insert(remedy.id.clone());
        Some(if is_new { format!("{}: {}", remedy.id, remedy.title) } else { remedy.id.clone() })
    }

    /// The delivery, what makes it run, the calls in between, and what is missing or cannot work.
    fn path_marks<'p>(&self, path: &'p BroadcastPath, said: &mut Said) -> Vec<Mark<'p>> {
        let delivery = format!("delivered {}, {}", words::whom(path.scope), how_far(path));
        let mut marks = Marks::new(&path.location, delivery);
        let triggers = worst_first(&path.triggers);
        let more = triggers.len().saturating_sub(1);
        for (index, trigger) in triggers.iter().enumerate().take(if self.style.verbose { usize::MAX } else { 1 }) {
            let also = if index == 0 && more > 0 && !self.style.verbose {
                format!(", and on {more} more")
            } else {
                String::new()
            };
            marks.add(&trigger.location, format!("runs on {}{also}", words::trigger(trigger)));
            for frame in &trigger.trace {
                let called = words::calls(std::slice::from_ref(frame)).first().map(|name| format!("in {name}"));
                marks.add(&frame.location, called.unwrap_or_default());
            }
        }
        let has_adapter = path.evidence.iter().any(|each| each.what.starts_with("adapter attached"));
        for each in path.evidence.iter().filter(|each| !each.what.is_empty()) {
            let label = label_of(each, path.defect, has_adapter);
            // The same endpoint is shown once in a file; where something on the way is broken, with every path.
            let place = format!("{label} {} {}", path.location.file, words::position(&each.location));
            if said.insert(place) || self.style.verbose || path.defect.is_some() {
                marks.add(&each.location, label);
            }
        }
        self.shown(marks)
    }

    /// The declaration, and what is done with it.
    fn store_marks<'s>(&self, store: &'s StateStore) -> Vec<Mark<'s>> {
        let mut marks = Marks::new(&store.location, format!("{} holds {}", store.container, words::types(store)));
        for each in &store.evidence {
            marks.add(&each.location, each.what.clone());
        }
        self.shown(marks)
    }

    fn shown<'m>(&self, marks: Marks<'m>) -> Vec<Mark<'m>> {
        let mut marks = marks.list;
        // Calls without a name say least.
        if !self.style.verbose {
            marks.retain(|mark| mark.is_primary || !mark.label.is_empty());
            marks.truncate(1 + MARKS_SHOWN);
        }
        marks
    }

    /// Every trigger with the calls between it and the delivery.
    fn triggers(&self, out: &mut dyn Write, triggers: &[Trigger]) -> io::Result<()> {
        for trigger in worst_first(triggers) {
            let reach = if trigger.reach == Reach::Cluster { ", reaches every instance" } else { "" };
            let mut text =
                format!("Trigger: {}{reach} ({})", words::trigger(trigger), words::place(&trigger.location));
            for frame in &trigger.trace {
                text += &format!(" → {} ({})", frame.function, words::place(&frame.location));
            }
            self.row(out, &text)?;
        }
        Ok(())
    }

    fn evidence(&self, out: &mut dyn Write, evidence: &[Evidence]) -> io::Result<()> {
        for each in evidence {
            self.row(out, &format!("Evidence: {} ({})", each.what, words::place(&each.location)))?;
        }
        Ok(())
    }

    /// A sentence below an item.
    fn row(&self, out: &mut dyn Write, text: &str) -> io::Result<()> {
        self.paragraph(out, text, "    ", "      ")
    }
}

/// Marks, one per place: what is to be seen at the same place is said together.
struct Marks<'a> {
    list: Vec<Mark<'a>>,
}

impl<'a> Marks<'a> {
    fn new(location: &'a Location, label: String) -> Self {
        Marks { list: vec![Mark { location, label, is_primary: true }] }
    }

    fn add(&mut self, location: &'a Location, label: String) {
        let same = |mark: &&mut Mark| mark.location.file == location.file && mark.location.line == location.line;
        // A call that is the delivery itself, or stands on the line of its trigger, needs no mark of its own.
        match self.list.iter_mut().find(same) {
            Some(known) if label.is_empty() || label.starts_with("in ") || known.label.contains(&label) => {}
            Some(known) if known.label.is_empty() => known.label = label,
            Some(known) => known.label = format!("{}, {label}", known.label),
            None => self.list.push(Mark { location, label, is_primary: false }),
        }
    }
}

/// How far a message gets that does not get everywhere.
fn how_far(path: &BroadcastPath) -> &'static str {
    match path.reach {
        Reach::Host => "on this host only",
        _ => "in this instance only",
    }
}

/// What evidence means for a path that stays local: the endpoint lacks something, or what it has cannot work.
fn label_of(evidence: &Evidence, defect: Option<Defect>, has_adapter: bool) -> String {
    let what = &evidence.what;
    match (what.as_str(), defect) {
        ("endpoint created", None) if !has_adapter => "endpoint: nothing connects it to other instances".to_owned(),
        ("endpoint created", _) => "endpoint".to_owned(),
        ("adapter attached" | "adapter created", Some(_)) => what.clone(),
        (_, Some(defect)) => format!("{what} [{}]", defect.word()),
        _ => what.clone(),
    }
}

fn worst_first(triggers: &[Trigger]) -> Vec<&Trigger> {
    let mut triggers: Vec<&Trigger> = triggers.iter().collect();
    triggers.sort_by_key(|trigger| trigger.reach);
    triggers
}
