//! What the client can do, what it opened, and what the server offers it.

use camino::Utf8PathBuf;
use lsp_types::*;

use super::positions::Encoding;
use super::uris;

/// Files whose change can change a verdict.
const WATCHED: [&str; 4] = [
    "**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}",
    "**/{package.json,crosscast.toml,tsconfig*.json,jsconfig*.json}",
    "**/{package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,bun.lock}",
    "**/*.{yml,yaml,toml,tf}",
];

/// What `initialize` says.
pub(super) struct Client {
    /// The unit of columns.
    pub(super) encoding: Encoding,
    /// The folders to begin with.
    pub(super) folders: Vec<Utf8PathBuf>,
    /// It lets the server register for changes of files.
    pub(super) can_watch: bool,
    /// It shows progress that the server begins.
    pub(super) can_show_progress: bool,
    /// It asks for lenses again when told to.
    pub(super) can_refresh_lenses: bool,
    /// Its own command that shows a list of places (`initializationOptions.showPlaces`).
    pub(super) show_places: Option<String>,
}

impl Client {
    /// Reads the parameters.
    pub(super) fn new(parameters: &InitializeParams) -> Self {
        let capabilities = &parameters.capabilities;
        let workspace = capabilities.workspace.as_ref();
        let general = capabilities.general.as_ref();
        let window = capabilities.window.as_ref();
        let watching = workspace.and_then(|workspace| workspace.did_change_watched_files.as_ref());
        let lenses = workspace.and_then(|workspace| workspace.code_lens.as_ref());
        let options = parameters.initialization_options.as_ref();
        let show_places = options.and_then(|options| options.get("showPlaces")).and_then(|name| name.as_str());
        Client {
            encoding: Encoding::choose(general.and_then(|general| general.position_encodings.as_deref())),
            folders: folders(parameters),
            can_watch: watching.and_then(|watching| watching.dynamic_registration).unwrap_or_default(),
            can_show_progress: window.and_then(|window| window.work_done_progress).unwrap_or_default(),
            can_refresh_lenses: lenses.and_then(|lenses| lenses.refresh_support).unwrap_or_default(),
            show_places: show_places.map(str::to_owned),
        }
    }

    /// What the server offers.
    pub(super) fn capabilities(&self) -> ServerCapabilities {
        let sync = TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::FULL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..TextDocumentSyncOptions::default()
        };
        let actions = CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        };
        let folders = WorkspaceFoldersServerCapabilities {
            supported: Some(true),
            change_notifications: Some(OneOf::Left(true)),
        };
        ServerCapabilities {
            position_encoding: Some(self.encoding.kind()),
            text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            code_action_provider: Some(CodeActionProviderCapability::Options(actions)),
            code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
            document_link_provider: Some(DocumentLinkOptions {
                resolve_provider: Some(false),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            workspace: Some(WorkspaceServerCapabilities {
                workspace_folders: Some(folders),
                ..WorkspaceServerCapabilities::default()
            }),
            ..ServerCapabilities::default()
        }
    }
}

/// The workspace folders; of older clients, the root.
fn folders(parameters: &InitializeParams) -> Vec<Utf8PathBuf> {
    let listed = parameters.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    let listed: Vec<Utf8PathBuf> = listed.filter_map(uris::to_path).collect();
    if !listed.is_empty() {
        return listed;
    }
    #[expect(deprecated, reason = "clients without workspace folders have nothing else")]
    let root = parameters.root_uri.as_ref();
    root.and_then(uris::to_path).into_iter().collect()
}

/// The registration for changes of files.
pub(super) fn watchers() -> RegistrationParams {
    let watcher = |glob: &str| FileSystemWatcher { glob_pattern: GlobPattern::String(glob.to_owned()), kind: None };
    let options =
        DidChangeWatchedFilesRegistrationOptions { watchers: WATCHED.iter().map(|glob| watcher(glob)).collect() };
    let registration = Registration {
        id: "crosscast/watch".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    };
    RegistrationParams { registrations: vec![registration] }
}
