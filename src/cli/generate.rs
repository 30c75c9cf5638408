//! `crosscast man` and `crosscast completions`: made from the same table as the parser and its help.

use clap::CommandFactory;
use clap_complete::Shell;

use super::arguments::Arguments;
use super::{Console, Outcome, Stop};

/// Prints the manual page, with a section for each command.
pub(super) fn man(console: &mut Console) -> Result<Outcome, Stop> {
    let mut command = Arguments::command();
    // Fills in the full names of the commands.
    command.build();
    let page = clap_mangen::Man::new(command.clone());
    let mut out = Vec::new();
    page.render_title(&mut out)?;
    page.render_name_section(&mut out)?;
    page.render_synopsis_section(&mut out)?;
    page.render_description_section(&mut out)?;
    page.render_options_section(&mut out)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let page = clap_mangen::Man::new(sub.clone());
        page.render_synopsis_section(&mut out)?;
        page.render_description_section(&mut out)?;
        page.render_options_section(&mut out)?;
    }
    page.render_extra_section(&mut out)?;
    page.render_version_section(&mut out)?;
    console.out.write_all(&out)?;
    Ok(Outcome::Success)
}

/// Prints the completions for a shell.
pub(super) fn completions(shell: Shell, console: &mut Console) -> Result<Outcome, Stop> {
    // The generator takes any name for the binary, and panics where the stream fails: so it writes to memory.
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "crosscast", &mut out);
    console.out.write_all(&out)?;
    Ok(Outcome::Success)
}
