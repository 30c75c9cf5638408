// The oracle: runs every case of `fixtures/oracle` as two real instances and compares what happens with what crosscast says.
//
//   node tests/oracle/run.mjs [--bin PATH] [--rules DIR] [--write] [NAME-PART …]
//
// `--write` renews `fixtures/ORACLE.md` (only with all cases, all executed). Exit status: 0 all agree, 1 not.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyOf, readCases } from './cases.mjs';
import { stopCommon } from './brokers.mjs';
import { PACKAGES } from './clients.mjs';
import { execute } from './execute.mjs';
import { killEverything, run, sleep } from './processes.mjs';
import { table } from './table.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const HOME = path.join(ROOT, 'target/oracle');
/** The hard limit of one case, and how many run at once: they mostly wait. */
const LIMIT = 60_000;
const AT_ONCE = Number(process.env.CROSSCAST_ORACLE_JOBS ?? 2 * os.availableParallelism());

function settings(words) {
  const it = { bin: path.join(ROOT, 'target/debug/crosscast'), write: false, rules: null, parts: [] };
  for (let i = 0; i < words.length; i += 1) {
    if (words[i] === '--bin') it.bin = path.resolve(words[++i]);
    else if (words[i] === '--rules') it.rules = path.resolve(words[++i]);
    else if (words[i] === '--write') it.write = true;
    else it.parts.push(words[i]);
  }
  return it;
}

const installs = new Map();

/** Installs one set of packages once; the folder stays for the next run. */
function install(dependencies) {
  const key = keyOf(dependencies);
  if (!installs.has(key)) installs.set(key, installNow(path.join(HOME, 'packages', key), dependencies));
  return installs.get(key);
}

async function installNow(folder, dependencies) {
  const mark = path.join(folder, 'complete');
  if (fs.existsSync(mark) || Object.keys(dependencies).length === 0) return { folder };
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const words = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--legacy-peer-deps', '--loglevel=error', '--ignore-scripts', '--prefer-offline'];
  const { ok, output } = await run('npm', words, { cwd: folder });
  if (ok) fs.writeFileSync(mark, '');
  return ok ? { folder } : { error: output.trim().slice(-300) };
}

/** What crosscast says of each row: the reach of a path or the class of a store, or why there is no such verdict. */
async function verdicts(one, rows, { bin, rules }) {
  const words = ['--format', 'json', ...(rules ? ['--rules', rules] : []), one.home];
  const report = path.join(HOME, `report-${one.name}.json`);
  const child = await run('/bin/sh', ['-c', 'out=$1; shift; exec "$@" >"$out"', 'sh', report, bin, ...words]);
  let json;
  try {
    json = JSON.parse(fs.readFileSync(report, 'utf8'));
  } catch {
    return rows.map((row) => ({ ...row, broken: `crosscast failed: ${child.output}` }));
  }
  return rows.map((row) => ({ ...row, ...verdict(json, row) }));
}

function verdict(json, row) {
  const at = (item) => `${item.location.file}:${item.location.line}` === row.line;
  const found = (row.kind === 'path' ? json.broadcastPaths : json.stateStores).find(at);
  if (!found) return { static: 'nothing', says: 'nothing' };
  if (row.kind === 'state') return { static: found.classification, says: found.classification };
  const says = `${found.reach}/${found.mechanism ?? 'none'}${found.defect ? ` ${found.defect}` : ''}`;
  const reach = { cluster: 'every instance', host: 'one host', process: 'one instance' };
  return { static: reach[found.reach], says };
}

async function judge(one, options, clients) {
  const packages = await install(one.dependencies);
  const work = path.join(HOME, 'work', one.name);
  const rows = [...one.path.map((row) => ({ kind: 'path', ...row })), ...one.state.map((row) => ({ kind: 'state', ...row }))];
  const skip = packages.error ?? clients.error;
  const happened = skip
    ? rows.map((row) => ({ ...row, skipped: `its packages could not be installed: ${skip}` }))
    : await Promise.race([
        execute(one, { work, packages: packages.folder, clients: clients.folder }),
        sleep(LIMIT).then(() => rows.map((row) => ({ ...row, broken: `took longer than ${LIMIT} ms` }))),
      ]);
  const judged = await verdicts(one, happened, options);
  for (const row of judged) {
    row.case = one.name;
    row.library = one.library;
    // A store that the adapter replicates is shared in the words of SPEC 3: every instance sees it, nothing is persisted.
    // What nobody receives reaches no other instance either.
    const meant = { 'seen, but lost': 'shared', nobody: 'one instance' }[row.observed] ?? row.observed;
    row.agree = row.skipped ? null : !row.broken && row.static === meant;
    row.outcome = row.skipped ? 'skipped' : row.broken ? 'BROKEN' : row.agree ? 'agree' : row.known ? 'known' : 'DISAGREE';
    const detail = row.broken ?? row.skipped ?? `${row.observed} / ${row.says}`;
    console.log(`${row.outcome.padEnd(9)}${row.case} ${row.line} ${row.act}: ${detail}`);
  }
  return judged;
}

async function main() {
  const options = settings(process.argv.slice(2));
  fs.mkdirSync(HOME, { recursive: true });
  const all = readCases(path.join(ROOT, 'fixtures/oracle'));
  const cases = all.filter((one) => !options.parts.length || options.parts.some((part) => one.name.includes(part)));
  const clients = await install(PACKAGES);
  const results = new Map();
  const queue = [...cases];
  const worker = async () => {
    for (let one = queue.shift(); one; one = queue.shift()) results.set(one.name, await judge(one, options, clients));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await stopCommon();
  const rows = cases.flatMap((one) => results.get(one.name));
  return finish(rows, cases.length === all.length, options);
}

function finish(rows, whole, options) {
  const count = (outcome) => rows.filter((row) => row.outcome === outcome).length;
  fs.writeFileSync(path.join(HOME, 'oracle.json'), `${JSON.stringify({ node: process.version, platform: os.platform(), rows }, null, 2)}\n`);
  const [agree, disagree, broken, known, skipped] = ['agree', 'DISAGREE', 'BROKEN', 'known', 'skipped'].map(count);
  console.log(`${rows.length} observations: ${agree} agree, ${disagree} disagree, ${broken} broken, ${known} known, ${skipped} skipped`);
  if (options.write) {
    if (!whole || skipped || broken) console.log('fixtures/ORACLE.md is left alone: not everything was executed');
    else fs.writeFileSync(path.join(ROOT, 'fixtures/ORACLE.md'), table(rows));
  }
  return disagree + broken > 0 ? 1 : 0;
}

main()
  .catch((error) => {
    console.error(error);
    return 1;
  })
  .then((status) => {
    killEverything();
    process.exit(status);
  });
