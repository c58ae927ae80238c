// A link in a message: shows what it does, and does it when the button is pressed. The link stands
// behind `#`, so that whatever looks at the address beforehand sends nothing.
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
    claim: "Take on issue {id} of {project}: {type}",
    mute: "Mute issue {id} of {project} for a day: {type}",
    verify: "Move issue {id} of {project} to VERIFYING: {type}",
    claim_do: "I take it", mute_do: "Mute for a day", verify_do: "Move to VERIFYING",
    done: "Done.", used: "This link was used already.",
    claim_settled: "{assignee} has it already.", mute_settled: "It is muted already.",
    verify_settled: "It is at {status} already.",
    name: "Your name", open: "Open the issue",
    over: "This link is not valid, or has ended. Open the issue in Log Center instead.",
    gone: "The issue is not there any more.", away: "The server does not answer. Try again.",
  },
  zh: {
    claim: "处理 {project} 的问题 {id}：{type}",
    mute: "将 {project} 的问题 {id} 静音一天：{type}",
    verify: "将 {project} 的问题 {id} 移至 VERIFYING：{type}",
    claim_do: "我来处理", mute_do: "静音一天", verify_do: "开始核实",
    done: "已完成。", used: "此链接已被使用。",
    claim_settled: "{assignee} 已在处理。", mute_settled: "该问题已静音。",
    verify_settled: "该问题已处于 {status}。",
    name: "你的姓名", open: "打开问题",
    over: "此链接无效或已过期，请在 Log Center 中打开该问题。",
    gone: "该问题已不存在。", away: "服务器没有响应，请重试。",
  },
  ru: {
    claim: "Взять на себя проблему {id} проекта {project}: {type}",
    mute: "Заглушить на сутки проблему {id} проекта {project}: {type}",
    verify: "Перевести проблему {id} проекта {project} в VERIFYING: {type}",
    claim_do: "Беру на себя", mute_do: "Заглушить на сутки", verify_do: "Перевести в VERIFYING",
    done: "Готово.", used: "Ссылка уже использована.",
    claim_settled: "Её уже взял на себя {assignee}.", mute_settled: "Она уже заглушена.",
    verify_settled: "Она уже в статусе {status}.",
    name: "Ваше имя", open: "Открыть проблему",
    over: "Ссылка недействительна или устарела. Откройте проблему в Log Center.",
    gone: "Этой проблемы больше нет.", away: "Сервер не отвечает. Попробуйте ещё раз.",
  },
};

const wanted = remembered("language") ?? navigator.language;
const language = ["zh", "ru"].find((one) => wanted.startsWith(one)) ?? "en";
const words = WORDS[language];
const part = (id) => document.getElementById(id);
const link = location.hash.slice(1);

function say(word, values = {}) {
  return words[word].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

async function ask(path, more = {}) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ link, ...more }),
  });
  return { status: answer.status, json: await answer.json() };
}

/** What a refusal means; a fault of the name leaves the form. */
function refusal({ status, json }) {
  if (status === 401) return say("over");
  if (status === 404) return say("gone");
  if (status === 409) return json.info?.act ? settled(json.info) : say("used");
  return json.message;
}

function settled(about) {
  return say(`${about.act}_settled`, about);
}

function end(text) {
  part("form").hidden = true;
  part("fault").textContent = "";
  part("lead").textContent = text;
}

async function send(event) {
  event.preventDefault();
  const name = part("name").value.trim();
  part("send").disabled = true;
  part("fault").textContent = "";
  try {
    const answer = await ask("/api/v1/acts", name && !part("who").hidden ? { name } : {});
    if (answer.status < 300) return end(say("done"));
    if (answer.status !== 400) return end(refusal(answer));
    part("fault").textContent = refusal(answer);
  } catch {
    part("fault").textContent = say("away");
  }
  part("send").disabled = false;
}

async function begin() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : language;
  const answer = await ask("/api/v1/acts/look");
  if (answer.status >= 300) return end(answer.status === 400 ? say("over") : refusal(answer));
  const about = answer.json;
  part("issue").href = `/issues/${about.issue_id}`;
  part("issue").textContent = say("open");
  part("issue").hidden = false;
  if (!about.is_open) return end(about.is_used ? say("used") : settled(about));
  part("lead").textContent = say(about.act, {
    id: about.issue_id, project: about.project_id, type: about.type,
  });
  part("label").textContent = say("name");
  part("who").hidden = about.act !== "claim" || about.as !== null;
  part("name").required = !part("who").hidden;
  part("send").textContent = say(`${about.act}_do`);
  part("form").addEventListener("submit", send);
  part("form").hidden = false;
}

begin().catch(() => end(say("away")));
