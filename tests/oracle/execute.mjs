// Runs one case: two instances of the server, clients on both, one of them acts, and what happens is written down.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { broker } from './brokers.mjs';
import { connect } from './clients.mjs';
import { freePort, kill, listening, sleep, start } from './processes.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** How long a message may take, in milliseconds; and how long subscriptions get before the first one is sent. */
const PATIENCE = 1500;
const SETTLE = 800;
/** What a message that did not arrive at first gets: the network and the subscriptions had time enough then. */
const ATTEMPTS = 2;

/** The program and arguments that run a server: Node, Node with TypeScript, Bun, or workers of `node:cluster`. */
function commandOf(one, work) {
  const main = one.main ?? 'server.js';
  if (one.runtime === 'bun') return [path.join(work, 'node_modules/@oven/bun-linux-x64-baseline/bin/bun'), 'run', main];
  if (one.runtime === 'tsx') return [process.execPath, '--import', 'tsx', main];
  if (one.runtime === 'cluster') return [process.execPath, path.join(HERE, 'cluster.cjs'), main];
  return [process.execPath, main];
}

/** One instance of the server, on a port and with a data folder of its own; `restart` keeps both. */
async function instance(name, one, work, env) {
  const port = await freePort();
  const data = path.join(work, `data-${name}`);
  fs.mkdirSync(data, { recursive: true });
  const all = { ...env, PORT: String(port), DATA_DIR: data, INSTANCE: name };
  const it = { name, url: `http://127.0.0.1:${port}` };
  it.start = async () => {
    const [program, ...words] = commandOf(one, work);
    it.child = start(program, words, { cwd: work, env: all });
    await listening(port, it.child);
  };
  it.stop = () => kill(it.child);
  await it.start();
  return it;
}

async function until(condition, limit) {
  for (const end = Date.now() + limit; Date.now() < end; await sleep(20)) if (condition()) return true;
  return condition();
}

let tokens = 0;
const token = () => `token-${process.pid}-${++tokens}-end`;

/** A path: one client on A acts; did another on A receive it, and did the one on B, or on another worker of A? */
async function observePath(row, { a1, a2, b1, w1 }) {
  let local = false;
  let remote = false;
  let worker = false;
  for (let attempt = 0; attempt < ATTEMPTS && !(local && remote); attempt += 1) {
    const text = token();
    for (const to of row.to ?? ['']) a1.send(row.act, text, to);
    const near = row.control === 'self' ? a1 : a2;
    await until(() => near.saw(text) && b1.saw(text), PATIENCE);
    worker ||= w1?.saw(text) ?? false;
    // `either`: a broker chooses one of the instances for each message; all of them must have the same one.
    const [here, there] = [near.saw(text), b1.saw(text)];
    local ||= row.control === 'either' ? here || there : here;
    remote ||= row.control === 'either' ? here && there : there;
  }
  if (!local && row.control !== 'none') return { broken: 'not even a client of the same instance received it' };
  const nearby = local ? 'one instance' : 'nobody';
  return { observed: remote ? 'every instance' : worker ? 'one host' : nearby };
}

async function answers(client, event, text) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const answer = await Promise.race([client.ask(event), sleep(3000).then(() => '')]).catch(() => '');
    if (answer.includes(text)) return true;
    await sleep(150);
  }
  return false;
}

/** Some state: written through A, read through B, and read through A again after A was killed and started. */
async function observeState(row, { a1, a2, b1 }, a, again) {
  const text = token();
  a1.send(row.act, text, '');
  if (!(await answers(a2, row.ask, text))) return { broken: 'the instance that wrote it does not know it' };
  const seen = await answers(b1, row.ask, text);
  await a.stop();
  await a.start();
  const later = await again();
  const survived = await answers(later, row.ask, text);
  later.close();
  const table = { 'true true': 'shared', 'false true': 'local-disk', 'false false': 'in-process', 'true false': 'seen, but lost' };
  return { observed: table[`${seen} ${survived}`] };
}

async function clientsOf(one, a, b, folder) {
  const list = {};
  for (const [name, at] of [['a1', a], ['a2', a], ['b1', b]]) {
    list[name] = await connect(one.client, at.url, folder, one.where);
    if (one.names) list[name].send('join', name, '');
  }
  if (one.workers) await acrossWorkers(one, a, folder, list);
  for (const client of one.prepare ? Object.values(list) : []) client.send(one.prepare[0], one.prepare[1] ?? '', '');
  await sleep(SETTLE);
  return list;
}

/** Sees to it that `a1` and `a2` are clients of one worker of A, and `w1` is a client of another one. */
async function acrossWorkers(one, a, folder, list) {
  const home = await list.a1.ask(one.workers);
  const isHome = async (client) => (await client.ask(one.workers)) === home;
  list.a2.close();
  delete list.a2;
  for (let attempt = 0; attempt < 16 && !(list.a2 && list.w1); attempt += 1) {
    const client = await connect(one.client, a.url, folder, one.where);
    const place = (await isHome(client)) ? 'a2' : 'w1';
    if (list[place]) client.close();
    else list[place] = client;
  }
  if (!list.a2 || !list.w1) throw new Error('there are no two workers that accept clients');
}

/** The case in a folder of its own, where the packages that it asks for can be found. */
function layOut(one, work, packages) {
  fs.rmSync(work, { recursive: true, force: true });
  fs.cpSync(one.home, work, { recursive: true });
  const modules = path.join(packages, 'node_modules');
  if (fs.existsSync(modules)) fs.symlinkSync(modules, path.join(work, 'node_modules'), 'dir');
}

/** All rows of a case, each `{kind, line, observed}` or with `skipped` or `broken` and why. */
export async function execute(one, { work, packages, clients }) {
  const stops = [];
  const rows = [...one.path.map((row) => ({ kind: 'path', ...row })), ...one.state.map((row) => ({ kind: 'state', ...row }))];
  const every = (what) => rows.map((row) => ({ ...row, ...what }));
  try {
    layOut(one, work, packages);
    const env = {};
    for (const kind of one.brokers) {
      const it = await broker(kind, path.join(work, `broker-${kind}`));
      if (!it) return every({ skipped: `${kind} is not installed` });
      stops.push(it.stop);
      Object.assign(env, it.env);
    }
    const a = await instance('a', one, work, env);
    stops.unshift(a.stop);
    const b = await instance('b', one, work, env);
    stops.unshift(b.stop);
    return await observe(rows, one, { a, b, clients });
  } catch (error) {
    return every({ broken: String(error?.message ?? error) });
  } finally {
    for (const stop of stops) await stop().catch(() => {});
  }
}

async function observe(rows, one, { a, b, clients }) {
  const all = await clientsOf(one, a, b, clients);
  const done = [];
  const again = () => connect(one.client, a.url, clients, one.where);
  for (const row of rows.filter((each) => each.kind === 'path')) done.push({ ...row, ...(await observePath(row, all)) });
  for (const row of rows.filter((each) => each.kind === 'state')) {
    // A restart ends the clients of A: every further row gets new ones.
    const fresh = done.some((each) => each.kind === 'state') ? await clientsOf(one, a, b, clients) : all;
    done.push({ ...row, ...(await observeState(row, fresh, a, again)) });
    for (const client of Object.values(fresh)) client.close();
  }
  for (const client of Object.values(all)) client.close();
  for (const row of done) if (row.broken) row.broken += a.child.output ? `: ${a.child.output.trim().slice(-400)}` : '';
  return done;
}
