// The rules for servers: databases first, since their errors look like others' as well.

import { recogniseBy, type Found, type Rule, type Shape } from './recognise.js';
import { requestRules } from './rules-requests.js';
import { validationRules } from './rules-validation.js';

const UNIQUE = 'DatabaseUniqueError';
const CONNECTION = 'DatabaseConnectionError';
const DATABASE = 'DatabaseError';

/** Ports of databases: all sockets fail with the same plain error. */
const DATABASE_PORTS = new Set([5432, 3306, 6379, 27017, 1433, 1521, 9042]);

const sequelize: Rule = ({ name, error }) => {
  if (!name.startsWith('Sequelize')) return undefined;
  if (name === 'SequelizeUniqueConstraintError') return { code: UNIQUE, info: fields(error) };
  if (/Connection|HostNotFound|HostNotReachable|AccessDenied|AcquireTimeout/.test(name)) {
    return CONNECTION;
  }
  if (name === 'SequelizeValidationError') return { code: 'ValidationError', info: fields(error) };
  return DATABASE;
};

const fields = (error: Record<string, unknown>): unknown =>
  Array.isArray(error.errors)
    ? {
        errors: error.errors.map((one: { path?: unknown; message?: unknown }) => ({
          field: one.path,
          message: one.message,
        })),
      }
    : null;

const PRISMA_CONNECTION = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024']);

const prisma: Rule = ({ name, code, error }) => {
  if (name === 'PrismaClientInitializationError') return CONNECTION;
  const isPrisma = name.startsWith('Prisma');
  if (typeof code === 'string' && /^P\d{4}$/.test(code) && (isPrisma || 'clientVersion' in error)) {
    if (code === 'P2002') return { code: UNIQUE, info: error.meta ?? null };
    if (PRISMA_CONNECTION.has(code)) return CONNECTION;
    return code === 'P2025' ? 'NotFoundError' : DATABASE;
  }
  return isPrisma ? DATABASE : undefined;
};

/** pg and mysql2, also inside TypeORM, Knex and others, which copy the driver's code. */
const sql: Rule = ({ name, code, error, message }) => {
  if (name === 'EntityNotFoundError') return 'NotFoundError';
  if (name === 'KnexTimeoutError') return CONNECTION;
  const isPg = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in error;
  const isMysql = typeof code === 'string' && /^(ER_|PROTOCOL_)/.test(code);
  const isSqlite = typeof code === 'string' && code.startsWith('SQLITE_');
  if (isPg) return postgres(code, error);
  if (isMysql) return mysql(code);
  if (isSqlite) {
    const detail = `${code} ${message}`;
    if (/UNIQUE|PRIMARYKEY/.test(detail)) return UNIQUE;
    return /CANTOPEN|BUSY|LOCKED/.test(code) ? CONNECTION : DATABASE;
  }
  if (name === 'QueryFailedError') return byDriver(error) ?? DATABASE;
  if (message === 'timeout expired' || message.startsWith('Connection terminated')) {
    return CONNECTION;
  }
  return undefined;
};

function byDriver(error: Record<string, unknown>): ReturnType<Rule> {
  const driver = error.driverError;
  if (typeof driver !== 'object' || driver === null) return undefined;
  const inner = driver as Record<string, unknown>;
  const { name, code, message } = inner;
  const shape: Shape = { name: String(name), code, message: String(message), error: inner };
  return sql(shape) ?? socket(shape);
}

function postgres(code: string, error: Record<string, unknown>): ReturnType<Rule> {
  if (code === '23505') {
    const { table, constraint, detail } = error;
    return { code: UNIQUE, info: { table, constraint, detail } };
  }
  return /^(08|57P0[123]|53300)/.test(code) ? CONNECTION : DATABASE;
}

function mysql(code: string): string {
  if (code === 'ER_DUP_ENTRY') return UNIQUE;
  return /^(PROTOCOL_CONNECTION_LOST|ER_CON_COUNT_ERROR|ER_ACCESS_DENIED)/.test(code)
    ? CONNECTION
    : DATABASE;
}

const mongo: Rule = ({ name, code, error, message }) => {
  if (code === 11000 || code === 11001) return { code: UNIQUE, info: { key: error.keyPattern } };
  if (/ServerSelectionError$|^MongoNetwork|^MongoServerSelection|^MongoPool/.test(name)) {
    return CONNECTION;
  }
  if (name === 'MongooseError') {
    return message.includes('buffering timed out') ? CONNECTION : DATABASE;
  }
  return /^(Mongo|Mongoose|DocumentNotFound|VersionError)/.test(name) ? DATABASE : undefined;
};

const redis: Rule = ({ name, message }) => {
  if (name === 'MaxRetriesPerRequestError' || name === 'ClusterAllFailedError') return CONNECTION;
  if (message === 'Connection is closed.' || message === 'Stream isn\'t writeable') {
    return CONNECTION;
  }
  return name === 'ReplyError' ? DATABASE : undefined;
};

const DATABASE_ADDRESS = /^(postgres|mysql|mariadb|redis|mongodb|sqlserver)[\w+]*:\/\/.*:(\d+)/;
const DATABASE_PORT = /^(PG|DB|DATABASE|POSTGRES|MYSQL|MARIADB|REDIS|MONGO)\w*PORT$/;

/** Whether the program's environment names a database at this port, as in `DATABASE_URL`. */
const isNamedPort = (port: number): boolean =>
  port > 0 &&
  Object.entries(process.env).some(([name, value = '']) =>
    DATABASE_PORT.test(name)
      ? Number(value) === port
      : Number(DATABASE_ADDRESS.exec(value)?.[2]) === port,
  );

/** Only drivers leave these traces: mysql2 marks the error, pg's pool stands in the stack. */
const isOfDriver = ({ fatal, stack }: Record<string, unknown>): boolean =>
  fatal === true || /node_modules\/(pg|pg-pool|mysql2|ioredis|mongodb)\//.test(String(stack));

/** A plain socket's error: driver and port tell whether a database was meant. */
const socket: Rule = ({ code, error, name }) => {
  if (name === 'AxiosError' || error.isAxiosError === true) return undefined;
  if (typeof code !== 'string') return undefined;
  if (!/^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT|EPIPE|EAI_AGAIN)$/.test(code)) {
    return undefined;
  }
  const port = portOf(error);
  if (DATABASE_PORTS.has(port) || isOfDriver(error) || isNamedPort(port)) return CONNECTION;
  // Sequelize and Knex wrap it; a bare one with a port is somebody else's service.
  return code === 'ETIMEDOUT' ? 'RequestTimeoutError' : 'RequestError';
};

/** Node tries IPv6 and IPv4 and gives both failures as one AggregateError. */
function portOf(error: Record<string, unknown>): number {
  const first = Array.isArray(error.errors) ? (error.errors[0] as { port?: unknown }) : error;
  return Number(error.port ?? first?.port ?? 0);
}

const jsonWebToken: Rule = ({ name }) =>
  /^(TokenExpiredError|JsonWebTokenError|NotBeforeError)$/.test(name) ? 'AuthError' : undefined;

const graphql: Rule = ({ error }) => {
  const extensions = error.extensions as { code?: unknown } | undefined;
  const code = typeof extensions === 'object' && extensions !== null ? extensions.code : undefined;
  if (typeof code !== 'string') return undefined;
  if (code === 'BAD_USER_INPUT' || /^GRAPHQL_\w+_FAILED$/.test(code)) return 'ValidationError';
  if (code === 'UNAUTHENTICATED') return 'AuthError';
  return code === 'FORBIDDEN' ? 'ForbiddenError' : undefined;
};

const RULES: readonly Rule[] = [
  sequelize,
  prisma,
  sql,
  ...validationRules,
  mongo,
  redis,
  jsonWebToken,
  ...requestRules,
  graphql,
  socket,
];

/** What any error means, on a server. */
export const recognise = (error: unknown): Found => recogniseBy(RULES, error);
