// The order of the folders in src: each imports from those before it alone. And no file imports itself by way of others,
// not even a type: what two files know of each other belongs in a third one.
/// <reference types="vite/client" />
import { expect, it } from "vitest";

/** From the bottom up. */
const LAYERS = [
  "protocol",
  "text",
  "volume",
  "view3d",
  "job",
  "store",
  "tools",
  "view",
  "ui",
  "jobpanel",
  "looppanel",
  "index",
] as const;

/** Files that stand beside each other on top: the entries of scripts. */
const ENTRIES: readonly string[] = ["jobpanel", "looppanel", "index"];

const SOURCES = import.meta.glob<string>(["../src/**/*.{ts,tsx}", "!../src/**/*.test.{ts,tsx}"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Every file of src by its path without the ending, with the files that it imports. */
const IMPORTS = new Map(
  Object.entries(SOURCES).map(([path, text]) => {
    const folder = path.split("/").slice(2, -1);
    const named = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]*)"/g)].map(([, name = ""]) => name);
    return [stem(path), named.filter((name) => !name.endsWith(".css")).map((name) => resolved(folder, name))];
  }),
);

function stem(path: string): string {
  return path.replace("../src/", "").replace(/\.tsx?$/, "");
}

function resolved(folder: readonly string[], name: string): string {
  const parts = [...folder];
  for (const part of name.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  const path = parts.join("/");
  const found = [path, `${path}/index`].find((file) => Object.keys(SOURCES).some((source) => stem(source) === file));
  if (found === undefined) throw new Error(`there is no ${name} in ${folder.join("/")}`);
  return found;
}

function layerOf(file: string): number {
  return LAYERS.indexOf(file.split("/")[0] as (typeof LAYERS)[number]);
}

it("finds the sources", () => {
  expect(IMPORTS.size).toBeGreaterThan(100);
  expect([...IMPORTS.keys()].filter((file) => layerOf(file) < 0)).toEqual([]);
});

it("imports nothing from a folder above", () => {
  const upward = [...IMPORTS].flatMap(([file, imported]) =>
    imported.filter((other) => layerOf(other) > layerOf(file)).map((other) => `${file} imports ${other}`),
  );
  const crossed = [...IMPORTS].flatMap(([file, imported]) =>
    imported
      .filter((other) => other.split("/")[0] !== file.split("/")[0] && ENTRIES.includes(other.split("/")[0] as string))
      .map((other) => `${file} imports ${other}`),
  );
  expect([...upward, ...crossed]).toEqual([]);
});

it("has no circles", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" → "));
    if (done.has(file) || way.includes(file)) return;
    for (const other of IMPORTS.get(file) ?? []) visit(other, [...way, file]);
    done.add(file);
  };
  for (const file of IMPORTS.keys()) visit(file, []);
  expect(circles).toEqual([]);
});
