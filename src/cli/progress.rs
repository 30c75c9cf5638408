//! What an audit is at, on a terminal that waits longer than a moment.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::audit::Stage;

/// An audit that is over by then shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two pictures of the spinner.
const TICK: Duration = Duration::from_millis(80);

/// Runs `work` with a way to say what it is at. On a terminal, that is shown on standard error until it is done.
pub(super) fn shown<T>(is_terminal: bool, work: impl FnOnce(&(dyn Fn(Stage) + Sync)) -> T) -> T {
    if !is_terminal {
        return work(&|_| ());
    }
    let stage = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (done, waiting) = channel::<()>();
        let stage = &stage;
        scope.spawn(move || {
            let mut bar: Option<ProgressBar> = None;
            let mut wait = PATIENCE;
            while waiting.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let bar = bar.get_or_insert_with(spinner);
                bar.set_message(Stage::ALL.get(stage.load(Ordering::Relaxed)).map_or("", |stage| stage.doing()));
                bar.tick();
                wait = TICK;
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        let result = work(&|now| stage.store(now as usize, Ordering::Relaxed));
        drop(done);
        result
    })
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    // The template is a constant that is known to be right; without it the bar has its own style.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar
}
