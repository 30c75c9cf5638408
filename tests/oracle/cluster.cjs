// Runs a server as two workers of `node:cluster`, as process managers do: `node cluster.cjs server.js`.
const cluster = require('node:cluster');
const path = require('node:path');
const { createRequire } = require('node:module');

const exec = path.resolve(process.argv[2]);
const load = createRequire(exec);
// What the adapter's own process manager does in its daemon.
load('@socket.io/cluster-adapter').setupPrimary();
cluster.setupPrimary({ exec });
cluster.fork();
cluster.fork();
