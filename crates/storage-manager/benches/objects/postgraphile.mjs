// PostGraphile over the database of the first argument, on a loopback port that is printed. It
// ends when standard input does.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

// part of Node.js from 22 on
Promise.withResolvers ??= () => {
  let resolve, reject;
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
};
const service = makePgService({
  connectionString: process.argv[2],
  schemas: ["public"],
  poolConfig: { max: 8 },
});
const preset = {
  extends: [PostGraphileAmberPreset],
  // else the second column of an index cannot be ordered by
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [service],
  grafserv: { graphiql: false, watch: false },
  grafast: { explain: false },
};
const server = createServer();
// callers rest while others have their turn
server.keepAliveTimeout = 0;
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));
