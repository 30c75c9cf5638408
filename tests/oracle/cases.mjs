// Reads the cases: every folder below `fixtures/oracle` that holds an `oracle.toml`.
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';

/** The little TOML that `oracle.toml` uses: tables, arrays of tables, and values in JSON's spelling. */
export function parseToml(text) {
  const root = {};
  let here = root;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (!line || line.startsWith('#')) continue;
    const list = /^\[\[(\w+)\]\]$/.exec(line);
    const table = /^\[(\w+)\]$/.exec(line);
    const pair = /^([\w-]+)\s*=\s*(.+)$/.exec(line);
    if (list) (root[list[1]] ??= []).push((here = {}));
    else if (table) here = root[table[1]] ??= {};
    else if (pair) here[pair[1]] = JSON.parse(pair[2]);
    else throw new Error(`line ${index + 1} is not understood: ${line}`);
  }
  return root;
}

/** All cases in the order of their names, each with its dependencies and the key of their shared installation. */
export function readCases(folder) {
  const names = fs.readdirSync(folder).filter((name) => fs.existsSync(path.join(folder, name, 'oracle.toml'))).sort();
  return names.map((name) => {
    const home = path.join(folder, name);
    const dependencies = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8')).dependencies ?? {};
    const settings = parseToml(fs.readFileSync(path.join(home, 'oracle.toml'), 'utf8'));
    return { name, home, dependencies, brokers: [], path: [], state: [], ...settings, set: keyOf(dependencies) };
  });
}

/** The name of the folder in which one set of packages is installed. */
export function keyOf(dependencies) {
  const sorted = Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 12);
}
