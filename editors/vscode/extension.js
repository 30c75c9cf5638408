// Starts `crosscast lsp` and gives the code lenses something to do. There is no build step: this file is what runs.
"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

const LANGUAGES = ["javascript", "javascriptreact", "typescript", "typescriptreact"];
/** The command that the server puts on its lenses, because it is told the name. */
const SHOW_PLACES = "crosscast.showPlaces";

let client;

function newClient() {
  const command = vscode.workspace.getConfiguration("crosscast").get("path", "crosscast");
  const server = { command, args: ["lsp"], transport: TransportKind.stdio };
  return new LanguageClient("crosscast", "crosscast", server, {
    documentSelector: LANGUAGES.map((language) => ({ scheme: "file", language })),
    initializationOptions: { showPlaces: SHOW_PLACES },
  });
}

async function start() {
  client = newClient();
  try {
    await client.start();
  } catch (error) {
    const settings = "Open settings";
    const chosen = await vscode.window.showErrorMessage(`crosscast cannot start: ${error.message}`, settings);
    if (chosen === settings) await vscode.commands.executeCommand("workbench.action.openSettings", "crosscast.path");
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old && old.needsStop()) await old.stop();
}

/** A lens carries places as the protocol writes them. */
function showPlaces(uri, position, places) {
  const at = (each) => new vscode.Position(each.line, each.character);
  const location = (place) =>
    new vscode.Location(vscode.Uri.parse(place.uri), new vscode.Range(at(place.range.start), at(place.range.end)));
  return vscode.commands.executeCommand(
    "editor.action.showReferences",
    vscode.Uri.parse(uri),
    at(position),
    places.map(location),
  );
}

/** `Tasks: Run Task > crosscast`: the whole report as problems, also without the server. */
const tasks = {
  provideTasks() {
    const command = vscode.workspace.getConfiguration("crosscast").get("path", "crosscast");
    return (vscode.workspace.workspaceFolders ?? []).map((folder) => {
      const run = new vscode.ProcessExecution(command, ["--format", "unix", "."], { cwd: folder.uri.fsPath });
      return new vscode.Task({ type: "crosscast" }, folder, "audit", "crosscast", run, "$crosscast");
    });
  },
  resolveTask: () => undefined,
};

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand(SHOW_PLACES, showPlaces),
    vscode.commands.registerCommand("crosscast.restart", async () => {
      await stop();
      await start();
    }),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (!event.affectsConfiguration("crosscast.path")) return;
      await stop();
      await start();
    }),
    vscode.tasks.registerTaskProvider("crosscast", tasks),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
