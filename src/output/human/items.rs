//! What fails: one path or store at a time, as a few lines of source and a sentence or two.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::super::words;
use super::Page;
use super::snippet::{Row, merged};
use crate::report::{BroadcastPath, Evidence, Location, Reach, StateStore, Trigger};

/// Without `--verbose`: this many triggers or reasons of an item.
const ROWS_SHOWN: usize = 3;

/// Explanations that stand above, under the same file.
pub(super) type Said = BTreeSet<String>;

impl Page<'_> {
    /// One path: from the trigger to the delivery, who misses the message, and why.
    pub(super) fn path(&self, out: &mut dyn Write, path: &BroadcastPath, said: &mut Said) -> io::Result<()> {
        let triggers = worst_first(&path.triggers);
        let event = path.event.as_ref().map(|event| format!(" `{event}`")).unwrap_or_default();
        let what = format!("{} {}{event} {}", path.transport, path.operation, words::whom(path.scope));
        self.title(out, &path.id, &path.location, &what)?;

        let first = triggers.first().filter(|first| first.location.file == path.location.file);
        let start = first.map(|first| Row::of(&first.location, words::trigger(first)));
        let delivery = Row { location: &path.location, code: Some(&path.code), remark: String::new() };
        let calls = first.map(|first| words::calls(&first.trace)).unwrap_or_default();
        let rows = merged(start.into_iter().chain([delivery]));
        self.snippet(out, &rows, &calls.join(" → "))?;

        self.row(out, &missed(path, &triggers, first.is_some()))?;
        self.why(out, &words::reason(path), &path.evidence, &path.location.file, said)?;
        if self.style.verbose { self.triggers(out, &triggers) } else { Ok(()) }
    }

    /// Every trigger with the calls between it and the delivery.
    fn triggers(&self, out: &mut dyn Write, triggers: &[&Trigger]) -> io::Result<()> {
        for trigger in triggers {
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

    /// Why something is as it is. What stands above already is not said again.
    fn why(
        &self,
        out: &mut dyn Write,
        reason: &str,
        evidence: &[Evidence],
        file: &str,
        said: &mut Said,
    ) -> io::Result<()> {
        let places = by_place(evidence);
        let shown = if self.style.verbose { places.len() } else { places.len().min(ROWS_SHOWN) };
        let mut text = format!("Why: {reason}");
        for (what, location) in &places[..shown] {
            text += &format!("; {what} ({})", words::place_from(location, file));
        }
        if shown < places.len() {
            text += "; …";
        }
        if said.insert(text.clone()) { self.row(out, &text) } else { Ok(()) }
    }

    /// One store: where it is declared and changed, and where it lives.
    pub(super) fn store(&self, out: &mut dyn Write, store: &StateStore) -> io::Result<()> {
        let what = format!("{} `{}` holds {}", store.container, store.name, words::types(store));
        self.title(out, &store.id, &store.location, &what)?;
        let shown = if self.style.verbose { store.evidence.len() } else { store.evidence.len().min(ROWS_SHOWN) };
        let is_here = |each: &&Evidence| each.location.file == store.location.file;
        let (here, elsewhere): (Vec<&Evidence>, Vec<&Evidence>) = store.evidence[..shown].iter().partition(is_here);
        let declaration = Row::of(&store.location, String::new());
        let changes = here.into_iter().map(|each| Row::of(&each.location, each.what.clone()));
        self.snippet(out, &merged([declaration].into_iter().chain(changes)), "")?;
        let mut text = format!("Lives {}", words::lives(store));
        for each in elsewhere {
            text += &format!("; {} ({})", each.what, words::place(&each.location));
        }
        self.row(out, &text)
    }

    fn title(&self, out: &mut dyn Write, id: &str, location: &Location, what: &str) -> io::Result<()> {
        let first = format!("  {} {}  ", self.paint.bold(id), words::position(location));
        writeln!(out)?;
        self.paragraph(out, what, &first, "     ")
    }

    /// A sentence below an item.
    fn row(&self, out: &mut dyn Write, text: &str) -> io::Result<()> {
        self.paragraph(out, text, "     ", "     ")
    }
}

/// What is to be seen at each place; the order is that of the chain.
fn by_place(evidence: &[Evidence]) -> Vec<(String, &Location)> {
    let mut places: Vec<(String, &Location)> = Vec::new();
    for each in evidence {
        match places
            .iter_mut()
            .find(|(_, location)| location.line == each.location.line && location.file == each.location.file)
        {
            Some((what, _)) => *what = format!("{what}, {}", each.what),
            None => places.push((each.what.clone(), &each.location)),
        }
    }
    places
}

fn worst_first(triggers: &[Trigger]) -> Vec<&Trigger> {
    let mut triggers: Vec<&Trigger> = triggers.iter().collect();
    triggers.sort_by_key(|trigger| trigger.reach);
    triggers
}

/// Who misses the message, and when; the trigger that the snippet shows is not named again.
fn missed(path: &BroadcastPath, triggers: &[&Trigger], is_shown: bool) -> String {
    let name = |trigger: &Trigger| match trigger.location.file == path.location.file {
        true => words::trigger(trigger),
        false => format!("{} ({})", words::trigger(trigger), words::place(&trigger.location)),
    };
    let local = triggers.iter().filter(|trigger| trigger.reach <= path.reach);
    let mut names: Vec<String> = Vec::new();
    for name in local.map(|trigger| name(trigger)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if is_shown && !names.is_empty() {
        names.remove(0);
    }
    let more = names.len().saturating_sub(ROWS_SHOWN);
    names.truncate(ROWS_SHOWN);
    let mut text = format!("Missed by {}", words::who_misses(path.scope, path.reach));
    if !names.is_empty() {
        text += if is_shown { "; also on " } else { ", on " };
        text += &names.join(", ");
    }
    if more > 0 {
        text += &format!(" and {more} more");
    }
    text
}
