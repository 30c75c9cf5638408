//! What the content of a file tells about where it runs: on a server, in a browser, or either.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use camino::Utf8Path;
use rustc_hash::FxHashSet;

use super::roles::{NAMES, folders, has};
use super::{Language, PackageManifest};

/// Where a file runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunsOn {
    /// It uses what only servers have.
    Server,
    /// It says so itself, or uses what only browsers have.
    Browser,
    /// Its surroundings say that it is browser code; a server that imports it proves otherwise.
    LikelyBrowser,
    /// Nothing tells.
    Unknown,
}

/// What a package is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PackageKind {
    /// A frontend framework with a bundler, and nothing for servers.
    Frontend,
    /// Anything else.
    Other,
}

impl PackageKind {
    /// Judges a manifest by its dependencies.
    pub(super) fn of(manifest: &PackageManifest) -> Self {
        let depends = |names: &FxHashSet<String>| {
            manifest.dependencies.keys().any(|dependency| matches_package(names, dependency))
        };
        let is_frontend = depends(&NAMES.frontend_packages)
            && depends(&NAMES.bundler_packages)
            && !depends(&NAMES.full_stack_packages)
            && !depends(&NAMES.server_packages);
        if is_frontend { PackageKind::Frontend } else { PackageKind::Other }
    }
}

/// Kinds of telling text; positions in the automaton's pattern list decide.
struct TellingText {
    patterns: AhoCorasick,
    browser: usize,
    server: usize,
}

/// What telling text a file has.
#[derive(Debug, Default, Clone, Copy)]
struct Marks {
    browser: bool,
    server: bool,
    hooks: bool,
}

static TELLING_TEXT: LazyLock<Option<TellingText>> = LazyLock::new(|| {
    let browser = NAMES.browser_text.len();
    let server = browser + NAMES.server_text.len();
    let all = NAMES.browser_text.iter().chain(&NAMES.server_text).chain(&NAMES.hook_text);
    Some(TellingText { patterns: AhoCorasick::new(all).ok()?, browser, server })
});

impl Marks {
    fn of(text: &str) -> Self {
        let mut marks = Marks::default();
        let Some(telling) = &*TELLING_TEXT else { return marks };
        for found in telling.patterns.find_iter(text) {
            match found.pattern().as_usize() {
                pattern if pattern < telling.browser => marks.browser = true,
                pattern if pattern < telling.server => marks.server = true,
                _ => marks.hooks = true,
            }
        }
        marks
    }
}

/// A file to judge.
pub(super) struct Subject<'a> {
    pub(super) path: &'a Utf8Path,
    pub(super) language: Language,
    pub(super) text: &'a str,
    pub(super) specifiers: &'a [String],
    pub(super) package: PackageKind,
}

impl Subject<'_> {
    /// Where the file runs. What it uses itself comes before where it lies.
    pub(super) fn runs_on(&self) -> RunsOn {
        if has_client_directive(self.text) {
            return RunsOn::Browser;
        }
        let marks = Marks::of(self.text);
        if marks.server || self.imports_server() {
            return RunsOn::Server;
        }
        if self.imports(&NAMES.browser_packages) {
            return RunsOn::Browser;
        }
        let is_frontend = self.package == PackageKind::Frontend;
        if !is_frontend && self.lies_on_server() {
            return RunsOn::Server;
        }
        let is_component = self.is_jsx() && self.imports(&NAMES.frontend_packages);
        let in_client = self.lies_in(&NAMES.folders.client) && (self.is_jsx() || marks.hooks || marks.browser);
        if is_frontend
            || marks.browser
            || marks.hooks
            || is_component
            || in_client
            || self.lies_in(&NAMES.folders.assets)
        {
            RunsOn::LikelyBrowser
        } else {
            RunsOn::Unknown
        }
    }

    /// Whether what is written in the file, not where it lies, shows that browsers run it.
    pub(super) fn shows_browser(&self) -> bool {
        let marks = Marks::of(self.text);
        marks.browser || marks.hooks || self.imports(&NAMES.browser_packages)
    }

    fn imports_server(&self) -> bool {
        self.specifiers.iter().any(|specifier| {
            let builtin = specifier.strip_prefix("node:").unwrap_or(specifier);
            NAMES.server_builtins.contains(builtin) || matches_package(&NAMES.server_packages, specifier)
        })
    }

    fn imports(&self, names: &FxHashSet<String>) -> bool {
        self.specifiers.iter().any(|specifier| matches_package(names, specifier))
    }

    fn is_jsx(&self) -> bool {
        self.language == Language::Tsx || self.path.extension() == Some("jsx")
    }

    fn lies_in(&self, names: &[String]) -> bool {
        folders(self.path).any(|folder| has(names, folder.file_name().unwrap_or_default()))
    }

    /// A server folder, or a file that a framework runs on its server: `pages/api/…`, `route.ts`, `x.server.ts`.
    fn lies_on_server(&self) -> bool {
        let stem = self.path.file_stem().unwrap_or_default();
        self.lies_in(&NAMES.folders.server)
            || stem.ends_with(".server")
            || matches!(stem, "route" | "+server" | "middleware" | "server")
    }
}

/// Whether a specifier is a package (or scope) of the list, or something below one.
fn matches_package(names: &FxHashSet<String>, specifier: &str) -> bool {
    names.contains(specifier)
        || memchr::memchr_iter(b'/', specifier.as_bytes()).any(|at| names.contains(&specifier[..at]))
}

/// Whether `"use client"` stands at the top, after comments.
fn has_client_directive(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with(['/', '*']));
    first.is_some_and(|line| line.starts_with("\"use client\"") || line.starts_with("'use client'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs_on(path: &str, text: &str, package: PackageKind) -> RunsOn {
        let path = Utf8Path::new(path);
        let language = super::super::languages::of_path(path).unwrap();
        let specifiers = super::super::specifiers::scan(text);
        Subject { path, language, text, specifiers: &specifiers, package }.runs_on()
    }

    #[test]
    fn what_a_file_uses_decides() {
        let other = PackageKind::Other;
        assert_eq!(runs_on("client/a.ts", "import { Server } from 'socket.io';", other), RunsOn::Server);
        assert_eq!(runs_on("public/serve.js", "const http = require('node:http');", other), RunsOn::Server);
        assert_eq!(runs_on("app/page.tsx", "'use client';\nimport x from 'ws'", other), RunsOn::Browser);
        assert_eq!(
            runs_on("src/main.tsx", "import { createRoot } from 'react-dom/client';", other),
            RunsOn::Browser
        );
        assert_eq!(
            runs_on("src/ssr.tsx", "import { renderToString } from 'react-dom/server';", other),
            RunsOn::Server
        );
        assert_eq!(runs_on("src/serve.js", "const io = global.io;", PackageKind::Frontend), RunsOn::LikelyBrowser);
        assert_eq!(runs_on("src/serve.js", "require('express')()", PackageKind::Frontend), RunsOn::Server);
    }

    #[test]
    fn where_a_file_lies_is_the_last_resort() {
        let other = PackageKind::Other;
        assert_eq!(runs_on("public/js/main.js", "const socket = io();", other), RunsOn::LikelyBrowser);
        assert_eq!(runs_on("src/pages/api/chat.ts", "export default (req, res) => {}", other), RunsOn::Server);
        assert_eq!(runs_on("server/emails/welcome.tsx", "import * as React from 'react';", other), RunsOn::Server);
        assert_eq!(runs_on("src/hooks/chat.ts", "useEffect(() => socket.emit('x'))", other), RunsOn::LikelyBrowser);
        assert_eq!(runs_on("shared/events.ts", "export const JOIN = 'join';", other), RunsOn::Unknown);
    }

    #[test]
    fn frontends_have_no_server_package() {
        let kind = |names: &[&str]| {
            let dependencies = names.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect();
            PackageKind::of(&PackageManifest { dependencies, ..Default::default() })
        };
        assert_eq!(kind(&["react", "vite", "socket.io-client"]), PackageKind::Frontend);
        assert_eq!(kind(&["react", "vite", "socket.io"]), PackageKind::Other);
        assert_eq!(kind(&["react", "next", "webpack"]), PackageKind::Other);
        assert_eq!(kind(&["react"]), PackageKind::Other);
    }
}
