// Resolves the names that examples and the client import; what packages import stays theirs.
import { pathToFileURL } from 'node:url';

const alias = Object.fromEntries(
  (process.env.LOG_CENTER_TEST_ALIAS ?? '').split(',').filter(Boolean).map((one) => one.split('=')),
);
const folder = process.env.LOG_CENTER_TEST_FOLDER;
const FROM_FOLDER = /^(@nestjs|@apollo|@as-integrations|graphql|rxjs|reflect-metadata|class-)/;

export function resolve(name, context, next) {
  const from = context.parentURL ?? '/node_modules/';
  if (from.includes('/node_modules/')) return next(name, context);
  const [, base, rest] = /^(@[^/]+\/[^/]+|[^/]+)(.*)$/.exec(name) ?? [];
  if (base && alias[base]) return next(alias[base] + rest, context);
  if (folder && FROM_FOLDER.test(name)) {
    return next(name, { ...context, parentURL: pathToFileURL(`${folder}/index.mjs`).href });
  }
  return next(name, context);
}
