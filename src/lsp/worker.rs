//! The thread that audits: one folder after the other, and a folder again where it changed meanwhile.

use camino::{Utf8Path, Utf8PathBuf};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use super::positions::Encoding;
use super::snapshot::Snapshot;
use crate::audit::{self, AuditError};
use crate::config;
use crate::modules::LoweredFiles;
use crate::source::ReadError;

/// Changes come in groups (a save of several files, a checkout): this long is waited for the next one.
const SETTLE: Duration = Duration::from_millis(60);
/// The stack of the auditing thread, as the main thread of a command line has it.
const STACK: usize = 16 << 20;

/// What became of an audit.
pub(super) enum Outcome {
    /// It ran.
    Done(Box<Snapshot>),
    /// The folder holds no code: there is nothing to say.
    Empty,
    /// Settings or rules are wrong, or the folder cannot be read.
    Failed(String),
}

/// Sent when an audit begins and when it ends.
pub(super) enum Event {
    /// An audit of a folder begins.
    Started(Utf8PathBuf),
    /// It is over.
    Finished(Utf8PathBuf, Outcome),
}

/// The thread, as the server sees it. It ends when this is dropped.
pub(super) struct Worker {
    jobs: Sender<Utf8PathBuf>,
    /// What it reports.
    pub(super) events: Receiver<Event>,
}

impl Worker {
    /// Starts it.
    pub(super) fn start(encoding: Encoding) -> std::io::Result<Self> {
        let (jobs, inbox) = unbounded();
        let (outbox, events) = unbounded();
        let thread = std::thread::Builder::new().name("audit".to_owned()).stack_size(STACK);
        thread.spawn(move || run(&inbox, &outbox, encoding))?;
        Ok(Worker { jobs, events })
    }

    /// Asks for an audit of a folder.
    pub(super) fn audit(&self, root: &Utf8Path) {
        // It fails only where the thread is gone, and then there is nobody to tell.
        let _ = self.jobs.send(root.to_owned());
    }
}

fn run(inbox: &Receiver<Utf8PathBuf>, outbox: &Sender<Event>, encoding: Encoding) {
    // Per folder: an edit changes one file, the others need no parsing again.
    let mut lowered: BTreeMap<Utf8PathBuf, LoweredFiles> = BTreeMap::new();
    while let Ok(first) = inbox.recv() {
        let mut roots = BTreeSet::from([first]);
        while let Ok(next) = inbox.recv_timeout(SETTLE) {
            roots.insert(next);
        }
        for root in roots {
            let started = outbox.send(Event::Started(root.clone()));
            let outcome = audited(&root, encoding, lowered.entry(root.clone()).or_default());
            if started.and_then(|()| outbox.send(Event::Finished(root, outcome))).is_err() {
                return;
            }
        }
    }
}

/// Audits a folder with its own settings, as the command line does.
fn audited(root: &Utf8Path, encoding: Encoding, before: &LoweredFiles) -> Outcome {
    let run = || {
        let config = config::load(root).map_err(|error| error.to_string())?;
        match audit::audit_again(root, &config, before) {
            Ok(audit) => Ok(Outcome::Done(Box::new(Snapshot::new(audit, encoding)))),
            Err(AuditError::Root(ReadError::NoSource { .. })) => Ok(Outcome::Empty),
            Err(error) => Err(error.to_string()),
        }
    };
    // One file that breaks the analysis must not end the editor's session. What is remembered is replaced as a whole,
    // so it is whole after a panic too.
    let result = std::panic::catch_unwind(AssertUnwindSafe(run));
    let result = result.unwrap_or_else(|_| Err("the analysis stopped at an internal error".to_owned()));
    result.unwrap_or_else(Outcome::Failed)
}
