// Bundles js/src into the two files that each widget loads, index.js and index.css of the labeler, jobpanel.js and
// jobpanel.css of a job, looppanel.js and looppanel.css of a loop of active learning, and the 3D view that the labeler
// asks for later, view3d.js; and writes the table of the labeler's actions for the Python side, actions.json.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const outdir = process.argv[2] ?? here("../jlabel/widget/static");
const options = {
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "eof",
  charset: "utf8",
  logLevel: "warning",
};

const entryPoints = {
  index: here("src/index.ts"),
  view3d: here("src/view3d/index.ts"),
  jobpanel: here("src/jobpanel/index.ts"),
  looppanel: here("src/looppanel/index.ts"),
};
await build({ ...options, entryPoints });

const registry = await build({ ...options, entryPoints: [here("src/ui/actions/registry.ts")], write: false });
const { ACTIONS } = await import(`data:text/javascript,${encodeURIComponent(registry.outputFiles[0].text)}`);
const table = ACTIONS.map(({ id, group, text, keys, scope }) => ({ id, group, text, keys, scope: scope ?? "labeler" }));
await writeFile(join(outdir, "actions.json"), `${JSON.stringify(table, null, 1)}\n`);
