//! The state of a session, and what each message does to it.

use camino::{Utf8Path, Utf8PathBuf};
use crossbeam_channel::{Sender, select};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

use super::client::Client;
use super::snapshot::Snapshot;
use super::worker::{Event, Outcome, Worker};
use super::{Ended, diagnostics, features, hover, uris};

/// The token of the progress that an audit shows; audits run one after the other.
const PROGRESS: &str = "crosscast/audit";

/// A session.
pub(super) struct Server {
    client: Client,
    sender: Sender<Message>,
    worker: Worker,
    /// The workspace folders, and the last audit of each.
    folders: BTreeMap<Utf8PathBuf, Folder>,
    /// The text of open documents.
    documents: BTreeMap<Utf8PathBuf, String>,
    /// Requests that came before the first audit of their folder was over.
    waiting: Vec<Request>,
    next_id: i32,
}

/// A workspace folder.
#[derive(Default)]
struct Folder {
    snapshot: Option<Box<Snapshot>>,
    /// Whether an audit has ended, with whatever outcome.
    is_known: bool,
    /// Files that have diagnostics in the editor.
    published: BTreeSet<String>,
    /// The error that was shown last, so that it is shown once.
    error: Option<String>,
}

/// What a handler wants to be answered.
type Answer = Result<serde_json::Value, ResponseError>;

impl Server {
    pub(super) fn new(client: Client, sender: Sender<Message>, worker: Worker) -> Self {
        Server {
            client,
            sender,
            worker,
            folders: BTreeMap::new(),
            documents: BTreeMap::new(),
            waiting: Vec::new(),
            next_id: 0,
        }
    }

    /// Serves until the client says goodbye or goes.
    pub(super) fn run(mut self, connection: &Connection) -> Result<(), Ended> {
        for folder in std::mem::take(&mut self.client.folders) {
            self.add_folder(folder);
        }
        if self.client.can_watch {
            self.send_request::<request::RegisterCapability>(super::client::watchers());
        }
        let events = self.worker.events.clone();
        loop {
            select! {
                recv(connection.receiver) -> message => match message {
                    Ok(Message::Request(request)) => {
                        if connection.handle_shutdown(&request)? {
                            return Ok(());
                        }
                        self.on_request(request);
                    }
                    Ok(Message::Notification(note)) if note.method == notification::Exit::METHOD => {
                        return Err(Ended::WithoutShutdown);
                    }
                    Ok(Message::Notification(note)) => self.on_notification(note),
                    // Answers to registrations and progress need no reaction.
                    Ok(Message::Response(_)) => {}
                    Err(_) => return Err(Ended::WithoutShutdown),
                },
                recv(events) -> event => match event {
                    Ok(Event::Started(root)) => self.on_started(&root),
                    Ok(Event::Finished(root, outcome)) => self.on_finished(&root, outcome),
                    Err(_) => return Err(Ended::WithoutShutdown),
                },
            }
        }
    }

    // --- Requests ---------------------------------------------------------------------------------------------------

    fn on_request(&mut self, request: Request) {
        // Before the first audit there is nothing to answer with; the client may cancel meanwhile.
        let known = uri_of(&request).and_then(|uri| self.folder_of(&uri)).is_none_or(|folder| folder.is_known);
        if !known {
            self.waiting.push(request);
            return;
        }
        let answer = match request.method.as_str() {
            request::HoverRequest::METHOD => self.answer(&request, Self::hover),
            request::CodeActionRequest::METHOD => self.answer(&request, Self::code_actions),
            request::CodeLensRequest::METHOD => self.answer(&request, Self::code_lenses),
            request::DocumentLinkRequest::METHOD => self.answer(&request, Self::document_links),
            _ => Err(error(ErrorCode::MethodNotFound, format!("`{}` is not served", request.method))),
        };
        self.send(Message::Response(Response { id: request.id, response_result: answer }));
    }

    fn answer<P: DeserializeOwned, R: Serialize>(
        &self,
        request: &Request,
        handler: impl Fn(&Self, &P) -> Option<R>,
    ) -> Answer {
        let parameters: P = serde_json::from_value(request.params.clone())
            .map_err(|reason| error(ErrorCode::InvalidParams, reason.to_string()))?;
        serde_json::to_value(handler(self, &parameters))
            .map_err(|reason| error(ErrorCode::InternalError, reason.to_string()))
    }

    fn hover(&self, parameters: &HoverParams) -> Option<Hover> {
        let at = &parameters.text_document_position_params;
        let (snapshot, file) = self.document(&at.text_document.uri)?;
        hover::at(snapshot, &file, at.position)
    }

    fn code_actions(&self, parameters: &CodeActionParams) -> Option<Vec<CodeActionOrCommand>> {
        let (snapshot, file) = self.document(&parameters.text_document.uri)?;
        let is_current = |file: &str| self.is_current(snapshot, file);
        Some(features::actions(snapshot, &file, parameters.range, &parameters.context, &is_current))
    }

    fn code_lenses(&self, parameters: &CodeLensParams) -> Option<Vec<CodeLens>> {
        let (snapshot, file) = self.document(&parameters.text_document.uri)?;
        Some(features::lenses(snapshot, &file, self.client.show_places.as_deref()))
    }

    fn document_links(&self, parameters: &DocumentLinkParams) -> Option<Vec<DocumentLink>> {
        let (snapshot, file) = self.document(&parameters.text_document.uri)?;
        Some(features::links(snapshot, &file))
    }

    /// The audit that knows a document, and its name there.
    fn document(&self, uri: &Uri) -> Option<(&Snapshot, String)> {
        let snapshot = self.folder_of(uri)?.snapshot.as_deref()?;
        let file = snapshot.name_of(&uris::canonical(&uris::to_path(uri)?))?;
        Some((snapshot, file))
    }

    /// The innermost folder that holds a document.
    fn folder_of(&self, uri: &Uri) -> Option<&Folder> {
        let path = uris::canonical(&uris::to_path(uri)?);
        let holds = self.folders.iter().filter(|(root, _)| path.starts_with(root));
        holds.max_by_key(|(root, _)| root.as_str().len()).map(|(_, folder)| folder)
    }

    /// Whether the editor shows the text that was audited.
    fn is_current(&self, snapshot: &Snapshot, file: &str) -> bool {
        let open = self.documents.get(&snapshot.path_of(file));
        open.is_none_or(|text| Some(text.as_str()) == snapshot.text(file))
    }

    // --- Notifications ----------------------------------------------------------------------------------------------

    fn on_notification(&mut self, note: Notification) {
        match note.method.as_str() {
            notification::Cancel::METHOD => self.on_cancel(&note),
            notification::DidOpenTextDocument::METHOD => {
                let Some(note) = read::<DidOpenTextDocumentParams>(note) else { return };
                self.keep(&note.text_document.uri, note.text_document.text);
            }
            notification::DidChangeTextDocument::METHOD => {
                let Some(note) = read::<DidChangeTextDocumentParams>(note) else { return };
                // Documents are synchronised in full.
                let text = note.content_changes.into_iter().last().map(|change| change.text);
                self.keep(&note.text_document.uri, text.unwrap_or_default());
            }
            notification::DidCloseTextDocument::METHOD => {
                let Some(note) = read::<DidCloseTextDocumentParams>(note) else { return };
                let path = uris::to_path(&note.text_document.uri).map(|path| uris::canonical(&path));
                path.map(|path| self.documents.remove(&path));
            }
            notification::DidSaveTextDocument::METHOD => {
                let Some(note) = read::<DidSaveTextDocumentParams>(note) else { return };
                self.audit_around([&note.text_document.uri]);
            }
            notification::DidChangeWatchedFiles::METHOD => {
                let Some(note) = read::<DidChangeWatchedFilesParams>(note) else { return };
                self.audit_around(note.changes.iter().map(|change| &change.uri));
            }
            notification::DidChangeWorkspaceFolders::METHOD => {
                let Some(note) = read::<DidChangeWorkspaceFoldersParams>(note) else { return };
                note.event.removed.iter().for_each(|folder| self.remove_folder(&folder.uri));
                let added = note.event.added.iter().filter_map(|folder| uris::to_path(&folder.uri));
                added.for_each(|path| self.add_folder(path));
            }
            _ => {}
        }
    }

    /// A request that still waits is answered at once; one that was answered needs nothing.
    fn on_cancel(&mut self, note: &Notification) {
        let id = note.params.get("id").cloned().and_then(|id| serde_json::from_value::<RequestId>(id).ok());
        let Some(at) = self.waiting.iter().position(|request| Some(&request.id) == id.as_ref()) else { return };
        let request = self.waiting.remove(at);
        let answer = Err(error(ErrorCode::RequestCanceled, "cancelled by the client".to_owned()));
        self.send(Message::Response(Response { id: request.id, response_result: answer }));
    }

    fn keep(&mut self, uri: &Uri, text: String) {
        if let Some(path) = uris::to_path(uri) {
            self.documents.insert(uris::canonical(&path), text);
        }
    }

    /// Audits the folders that hold these files.
    fn audit_around<'u>(&mut self, uris: impl IntoIterator<Item = &'u Uri>) {
        let paths: Vec<Utf8PathBuf> =
            uris.into_iter().filter_map(uris::to_path).map(|path| uris::canonical(&path)).collect();
        for root in self.folders.keys() {
            if paths.iter().any(|path| path.starts_with(root)) {
                self.worker.audit(root);
            }
        }
    }

    fn add_folder(&mut self, path: Utf8PathBuf) {
        let root = uris::canonical(&path);
        self.worker.audit(&root);
        self.folders.entry(root).or_default();
    }

    fn remove_folder(&mut self, uri: &Uri) {
        let Some(root) = uris::to_path(uri).map(|path| uris::canonical(&path)) else { return };
        if let Some(folder) = self.folders.remove(&root) {
            folder.published.iter().for_each(|file| self.publish(&root, file, Vec::new()));
        }
    }

    // --- Audits -----------------------------------------------------------------------------------------------------

    fn on_started(&mut self, root: &Utf8Path) {
        if self.client.can_show_progress {
            let token = NumberOrString::String(PROGRESS.to_owned());
            self.send_request::<request::WorkDoneProgressCreate>(WorkDoneProgressCreateParams { token });
            let begin = WorkDoneProgressBegin {
                title: "crosscast".to_owned(),
                message: root.file_name().map(|name| format!("auditing {name}")),
                ..WorkDoneProgressBegin::default()
            };
            self.progress(WorkDoneProgress::Begin(begin));
        }
    }

    fn on_finished(&mut self, root: &Utf8Path, outcome: Outcome) {
        if self.client.can_show_progress {
            self.progress(WorkDoneProgress::End(WorkDoneProgressEnd::default()));
        }
        // The folder may have been closed meanwhile.
        let Some(mut folder) = self.folders.remove(root) else { return };
        folder.is_known = true;
        match outcome {
            Outcome::Done(snapshot) => {
                folder.error = None;
                self.publish_all(root, &mut folder, diagnostics::of(&snapshot));
                folder.snapshot = Some(snapshot);
            }
            Outcome::Empty => {
                folder.error = None;
                self.publish_all(root, &mut folder, BTreeMap::new());
                folder.snapshot = None;
            }
            // What was found before still stands in the editor.
            Outcome::Failed(message) if folder.error.as_ref() != Some(&message) => {
                let text = format!("crosscast: {message}");
                self.notify::<notification::ShowMessage>(ShowMessageParams {
                    typ: MessageType::ERROR,
                    message: text,
                });
                folder.error = Some(message);
            }
            Outcome::Failed(_) => {}
        }
        self.folders.insert(root.to_owned(), folder);
        if self.client.can_refresh_lenses {
            self.send_request::<request::CodeLensRefresh>(());
        }
        for request in std::mem::take(&mut self.waiting) {
            self.on_request(request);
        }
    }

    /// Diagnostics of every file that has any, and none for those that had some.
    fn publish_all(&self, root: &Utf8Path, folder: &mut Folder, files: BTreeMap<String, Vec<Diagnostic>>) {
        let now: BTreeSet<String> = files.keys().cloned().collect();
        for gone in folder.published.difference(&now) {
            self.publish(root, gone, Vec::new());
        }
        for (file, diagnostics) in files {
            self.publish(root, &file, diagnostics);
        }
        folder.published = now;
    }

    fn publish(&self, root: &Utf8Path, file: &str, diagnostics: Vec<Diagnostic>) {
        let Some(uri) = uris::of_path(&root.join(file)) else { return };
        let parameters = PublishDiagnosticsParams { uri, diagnostics, version: None };
        self.notify::<notification::PublishDiagnostics>(parameters);
    }

    // --- Sending ----------------------------------------------------------------------------------------------------

    fn progress(&self, value: WorkDoneProgress) {
        let token = NumberOrString::String(PROGRESS.to_owned());
        self.notify::<notification::Progress>(ProgressParams {
            token,
            value: ProgressParamsValue::WorkDone(value),
        });
    }

    fn notify<N: notification::Notification>(&self, parameters: N::Params) {
        self.send(Message::Notification(Notification::new(N::METHOD.to_owned(), parameters)));
    }

    fn send_request<R: request::Request>(&mut self, parameters: R::Params) {
        self.next_id += 1;
        let id = RequestId::from(self.next_id);
        self.send(Message::Request(Request::new(id, R::METHOD.to_owned(), parameters)));
    }

    fn send(&self, message: Message) {
        // It fails only where the client is gone; the loop notices that itself.
        let _ = self.sender.send(message);
    }
}

/// The document that a request is about.
fn uri_of(request: &Request) -> Option<Uri> {
    serde_json::from_value(request.params.get("textDocument")?.get("uri")?.clone()).ok()
}

fn read<P: DeserializeOwned>(note: Notification) -> Option<P> {
    // A notification has no answer, so a broken one can only be passed over.
    serde_json::from_value(note.params).ok()
}

fn error(code: ErrorCode, message: String) -> ResponseError {
    ResponseError { code: code as i32, message, data: None }
}
