// Logging in, and coming by an invitation: the secret stands behind `#` and goes to no log.
"use strict";

/** What the dashboard remembers in this browser counts here too. */
function remembered(name) {
  try {
    return localStorage.getItem(`log-center.${name}`);
  } catch {
    return null;
  }
}

// Read in the head, so that the page is never seen in the other theme.
const theme = remembered("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

const WORDS = {
  en: {
    name: "Name", password: "Password", show: "Show the password",
    log_in: "Log in", join: "Join", languages: "Language",
    lead: "Log in to go on.", invited: "You are invited. Choose a name and a password.",
    rule: "At least {n} characters. A few unrelated words are good.",
    as: "You are logged in as {name}.", on: "Open Log Center", out: "Log out",
    wrong: "The name or the password is wrong.", used: "This link was used or has ended.",
    taken: "Somebody has this name already.", wait: "Too many tries. Wait {n} s.",
    away: "The server does not answer. Try again.",
    weak: "This password is too short, or among those that are tried first.",
    odd: "This name cannot be used.",
    code: "Code", which: "From your authenticator app, or one of your recovery codes.",
    no_code: "This code is wrong, or was used already.",
    unread: "Codes cannot be checked. Use a recovery code, or ask an administrator for a reset.",
    passkey: "Log in with a passkey", no_passkey: "This passkey is not known here.",
    oidc: "Sign in with {name}",
    oidc_denied: "You were not signed in there.",
    oidc_unknown: "Nobody here goes by that account. Ask an administrator for an invitation.",
    oidc_taken: "Somebody else here has the name of that account. Ask an administrator.",
    oidc_failed: "Signing in did not work. Try again.",
  },
  "zh-CN": {
    name: "姓名", password: "密码", show: "显示密码",
    log_in: "登录", join: "加入", languages: "语言",
    lead: "请先登录。", invited: "你已受邀。请设置姓名和密码。",
    rule: "至少 {n} 个字符，用几个互不相关的词即可。",
    as: "你已登录为 {name}。", on: "打开 Log Center", out: "退出登录",
    wrong: "姓名或密码不正确。", used: "此链接已被使用或已过期。",
    taken: "该姓名已被占用。", wait: "尝试次数过多，请等待 {n} 秒。",
    away: "服务器没有响应，请重试。",
    weak: "密码太短，或属于最常被猜测的密码。", odd: "不能使用这个姓名。",
    code: "验证码", which: "来自身份验证器应用，或使用一个恢复码。",
    no_code: "验证码不正确，或已被使用。",
    unread: "服务器目前无法核对验证码。请使用恢复码，或请管理员重置两步验证。",
    passkey: "使用通行密钥登录", no_passkey: "这里没有登记这个通行密钥。",
    oidc: "使用 {name} 登录",
    oidc_denied: "未在对方完成登录。",
    oidc_unknown: "这里没有与该账号对应的人员。请向管理员索取邀请。",
    oidc_taken: "该账号的名称在这里属于另一个人。请联系管理员。",
    oidc_failed: "登录未成功，请重试。",
  },
  ru: {
    name: "Имя", password: "Пароль", show: "Показать пароль",
    log_in: "Войти", join: "Присоединиться", languages: "Язык",
    lead: "Войдите, чтобы продолжить.", invited: "Вас пригласили. Выберите имя и пароль.",
    rule: "Не короче {n} символов. Подойдут несколько не связанных слов.",
    as: "Вы вошли как {name}.", on: "Открыть Log Center", out: "Выйти",
    wrong: "Неверное имя или пароль.", used: "Ссылка уже использована или устарела.",
    taken: "Это имя уже занято.", wait: "Слишком много попыток. Подождите {n} с.",
    away: "Сервер не отвечает. Попробуйте ещё раз.",
    weak: "Пароль слишком короткий или из тех, что подбирают первыми.",
    odd: "Это имя нельзя использовать.",
    code: "Код", which: "Из приложения-аутентификатора или один из кодов восстановления.",
    no_code: "Код неверный или уже использован.",
    unread: "Сервер не может проверить коды. Введите код восстановления или попросите о сбросе.",
    passkey: "Войти по ключу доступа", no_passkey: "Такого ключа доступа здесь нет.",
    oidc: "Войти через {name}",
    oidc_denied: "Вход там не выполнен.",
    oidc_unknown: "Здесь нет человека с этой учётной записью. Попросите у администратора приглашение.",
    oidc_taken: "Имя этой учётной записи здесь у другого человека. Обратитесь к администратору.",
    oidc_failed: "Войти не удалось. Попробуйте ещё раз.",
  },
};

const NAMES = { en: "English", "zh-CN": "中文", ru: "Русский" };

/** The one that was chosen, else the first of the browser's that there are words for. */
function startingLanguage() {
  const chosen = remembered("language");
  if (Object.hasOwn(NAMES, chosen)) return chosen;
  const spoken = navigator.languages.map((tag) => tag.toLowerCase().split("-")[0]);
  const known = Object.keys(NAMES);
  return spoken.map((one) => known.find((name) => name.startsWith(one))).find(Boolean) ?? "en";
}

let language = startingLanguage();
const part = (id) => document.getElementById(id);
const secret = location.pathname === "/join" ? location.hash.slice(1) : "";

function say(word, values = {}) {
  return WORDS[language][word].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Where to go on: a page of this server, or its first one. */
function target() {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  const url = new URL(next, location.origin);
  return url.origin === location.origin && next.startsWith("/") ? url.href : "/";
}

/** The same without the server, as the server wants it. */
function next() {
  const { pathname, search, hash } = new URL(target(), location.origin);
  return pathname + search + hash;
}

async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, json: await answer.json() };
}

function fault({ status, json }) {
  const fields = (json.info?.errors ?? []).map((one) => one.field);
  if (json.info?.needs === "code") return say("no_code");
  if (json.info?.needs === "reset") return say("unread");
  if (status === 401) return say(secret ? "used" : "wrong");
  if (status === 409) return say("taken");
  if (status === 429 || status === 503) return say("wait", { n: json.info?.retry_after_s ?? 2 });
  if (fields.includes("password")) return say("weak");
  if (fields.includes("name")) return say("odd");
  return json.message;
}

async function send(event) {
  event.preventDefault();
  const login = { name: part("name").value.trim(), password: part("password").value };
  const code = part("code").value.trim();
  part("send").disabled = true;
  part("fault").textContent = "";
  try {
    const answer = secret
      ? await ask("POST", "/api/v1/invitations/accept", { ...login, secret })
      : await ask("POST", "/api/v1/session", code ? { ...login, code } : login);
    if (answer.status < 300) return location.replace(target());
    if (answer.json.info?.needs === "code") {
      askForCode();
      part("send").disabled = false;
      // The password was right: a code is asked for too.
      if (!code) return undefined;
    }
    part("fault").textContent = fault(answer);
  } catch {
    part("fault").textContent = say("away");
  }
  part("send").disabled = false;
}

/** Whether this address can have passkeys, and this browser asks for one in the server's way. */
function hasPasskeys() {
  const isKnown = typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";
  return isKnown && Boolean(who.login?.passkeys) && !secret;
}

/** A passkey in the place of name and password; what the server answers to it. */
async function showPasskey() {
  const asked = await ask("POST", "/api/v1/session/passkey/options", {});
  if (asked.status !== 200) return asked;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.json.public_key);
  const credential = await navigator.credentials.get({ publicKey });
  return ask("POST", "/api/v1/session/passkey", { credential: credential.toJSON() });
}

async function usePasskey() {
  part("passkey").disabled = true;
  part("fault").textContent = "";
  try {
    const answer = await showPasskey();
    if (answer.status === 200) return location.replace(target());
    part("fault").textContent = answer.status === 401 ? say("no_passkey") : fault(answer);
  } catch (error) {
    // Whoever cancelled it knows that.
    if (error.name !== "NotAllowedError") part("fault").textContent = say("away");
  }
  part("passkey").disabled = false;
}

/** Goes to the provider, which leads back. */
async function signInThere() {
  part("oidc").disabled = true;
  part("fault").textContent = "";
  try {
    const wanted = secret ? { next: next(), secret } : { next: next() };
    const answer = await ask("POST", "/api/v1/session/oidc", wanted);
    if (answer.status === 200) return location.assign(answer.json.url);
    const isAway = answer.status === 503;
    part("fault").textContent = isAway ? say("oidc_failed") : fault(answer);
  } catch {
    part("fault").textContent = say("away");
  }
  part("oidc").disabled = false;
}

/** Says why the provider let nobody in. */
function tellOfProvider() {
  const told = new URLSearchParams(location.search).get("fault") ?? "";
  if (/^oidc_/.test(told) && Object.hasOwn(WORDS.en, told)) part("fault").textContent = say(told);
}

/** Shows the field of the second step, empty. */
function askForCode() {
  part("second").hidden = false;
  part("code").required = true;
  part("code").value = "";
  part("code").focus();
}

async function leave() {
  await ask("DELETE", "/api/v1/session");
  location.replace("/login");
}

/** Whoever asks, once the server has told. */
let who = null;

/** Puts the words of the language in their places. */
function draw() {
  document.documentElement.lang = language;
  document.title = `${say(secret ? "join" : "log_in")} · Log Center`;
  part("languages").setAttribute("aria-label", say("languages"));
  for (const label of document.querySelectorAll("[data-word]")) {
    label.textContent = say(label.dataset.word);
  }
  for (const button of part("languages").children) {
    button.setAttribute("aria-pressed", String(button.lang === language));
  }
  part("fault").textContent = "";
  if (!who) return;
  const inside = who.person && !secret;
  const lead = inside ? "as" : secret ? "invited" : "lead";
  part("lead").textContent = say(lead, { name: who.person?.name });
  part("on").textContent = say("on");
  part("out").textContent = say("out");
  part("send").textContent = say(secret ? "join" : "log_in");
  part("passkey").textContent = say("passkey");
  part("rule").textContent = say("rule", { n: who.password_chars_min });
  part("oidc").textContent = say("oidc", { name: who.login.oidc?.name });
}

function choose(name) {
  language = name;
  try {
    localStorage.setItem("log-center.language", name);
  } catch {
    // It then lasts as long as the page.
  }
  draw();
}

function offerLanguages() {
  for (const [lang, name] of Object.entries(NAMES)) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", lang, textContent: name });
    button.addEventListener("click", () => choose(lang));
    part("languages").append(button);
  }
}

async function begin() {
  offerLanguages();
  draw();
  who = (await ask("GET", "/api/v1/session")).json;
  draw();
  if (who.person && !secret) {
    part("on").href = target();
    part("out").addEventListener("click", leave);
    part("inside").hidden = false;
    return;
  }
  part("rule").hidden = !secret;
  part("password").autocomplete = secret ? "new-password" : "current-password";
  part("show").addEventListener("change", ({ target: { checked } }) => {
    part("password").type = checked ? "text" : "password";
  });
  part("form").addEventListener("submit", send);
  part("passkey").addEventListener("click", usePasskey);
  part("passkey").hidden = !hasPasskeys();
  part("oidc").addEventListener("click", signInThere);
  part("oidc").hidden = !who.login.oidc;
  part("form").hidden = false;
  tellOfProvider();
  part("name").focus();
}

document.addEventListener("DOMContentLoaded", () => {
  begin().catch(() => { part("lead").textContent = say("away"); });
});
