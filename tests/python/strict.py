"""Vendors of channels as strict as the real ones: what each documents of its signature, sizes and
markup, checked with nothing of the program's own code. A request that would be refused there is
refused here, with the vendor's own answer."""

import base64
import hashlib
import hmac
import html.parser
import http.server
import json
import re
import threading
import time
import urllib.parse

from standardwebhooks import Webhook

ROBOT_SECRET = "SEC0123456789abcdef"
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOUR_SECONDS = 3_600
MENTION = re.compile(r"<[!@]|<at\b|<font(?! color=)|!\[|\]\(http://evil")
# How the vendors that read markup write somebody; who it is, is compared apart.
SLACK_PEOPLE = re.compile(r"<(@[UW]\w+|!subteam\^S\w+|!channel|!here|!everyone)>")
FEISHU_PEOPLE = re.compile(r"<at id=([\w-]+)></at>")
WECOM_PEOPLE = re.compile(r"<@([\w.@-]+)>")


class Refused(Exception):
    """The vendor's answer to what it does not take: a status and a body."""

    def __init__(self, why, status, body):
        super().__init__(why)
        self.status, self.body = status, body


class Vendor:
    """A server for one kind of channel; `why` has each refusal, `gaps` the seconds between,
    `people` whom each message has to mention, `slow` how long each of `replies` takes."""

    def __init__(self, kind):
        self.kind, self.why, self.at, self.taken, self.replies = kind, [], [], 0, []
        self.people, self.slow = set(), 0.0
        vendor = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                text = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, body = vendor.answer(self.path, self.headers, text)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, path, headers, text):
        self.at.append(time.monotonic())
        if self.replies:
            time.sleep(self.slow)
            return self.replies.pop(0)
        try:
            status, body = CHECKS[self.kind](path, headers, text)
            told = PEOPLE[self.kind](json.loads(text)) if self.kind in PEOPLE else set()
            need(told == self.people, f"it mentions {told}")
            self.taken += 1
            return status, {}, body
        except Refused as refused:
            self.why.append(str(refused))
            return refused.status, {}, refused.body
        except Exception as fault:  # pylint: disable=broad-except
            self.why.append(repr(fault))
            return 400, {}, ""

    def gaps(self):
        return [after - before for before, after in zip(self.at, self.at[1:])]

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def channel(self):
        """The body that makes a channel for it."""
        body = {"name": self.kind, "kind": self.kind, "url": f"{self.url}/hook?key=k1"}
        more = {
            "feishu": {"secret": ROBOT_SECRET},
            "dingtalk": {"secret": ROBOT_SECRET, "url": f"{self.url}/send?access_token=t1"},
            "webhook": {"secret": WEBHOOK_SECRET},
            "telegram": {"url": self.url, "token": "123:abc", "chat_id": "-100"},
            "pagerduty": {"token": "R0UTING"},
            "elasticsearch": {"url": self.url},
        }
        return body | more.get(self.kind, {})


def need(holds, why, status=400, body=""):
    if not holds:
        raise Refused(why, status, body)


def signed(key, message):
    digest = hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def strings(value, wanted=lambda one: True):
    """Texts of objects that a vendor reads as markup."""
    if isinstance(value, dict):
        for inner in value.values():
            if isinstance(inner, str) and wanted(value):
                yield inner
            yield from strings(inner, wanted)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, wanted)


def slack(_path, _headers, text):
    refusal = (400, "invalid_blocks")
    body = json.loads(text)
    need(len(text.decode()) <= 13_200, "too long in all", 400, "msg_blocks_too_long")
    need(body["text"], "no text to fall back to", 400, "no_text")
    need(len(body["blocks"]) <= 50, "blocks", *refusal)
    for block in body["blocks"]:
        limits = {"header": 150, "section": 3_000}
        if "text" in block:
            need(0 < len(block["text"]["text"]) <= limits[block["type"]], block["type"], *refusal)
            need(block["type"] != "header" or block["text"]["type"] == "plain_text", "header",
                 *refusal)
        fields = block.get("fields", [])
        need(len(fields) <= 10 and all(0 < len(one["text"]) <= 2_000 for one in fields), "fields",
             *refusal)
        for one in block.get("elements", []):
            is_button = one.get("type") == "button"
            need(not is_button or 0 < len(one["text"]["text"]) <= 75 and len(one["url"]) <= 3_000,
                 "button", *refusal)
    for markup in [*strings(body, lambda one: one.get("type") == "mrkdwn"), body["text"]]:
        markup = SLACK_PEOPLE.sub("", markup)
        need("<" not in markup and ">" not in markup, f"markup: {markup}", *refusal)
        need(not re.search(r"&(?!amp;|lt;|gt;)", markup), f"escape: {markup}", *refusal)
        need(markup.count("```") in (0, 2), "a fence inside", *refusal)
    return 200, "ok"


def feishu(_path, _headers, text):
    body = json.loads(text)
    need(len(text) <= 20_000, "too long", 400, '{"code":9499}')
    at = body["timestamp"]
    need(isinstance(at, str) and abs(time.time() - int(at)) < HOUR_SECONDS, "timestamp", 400,
         '{"code":19021}')
    need(body["sign"] == signed(f"{at}\n{ROBOT_SECRET}", ""), "sign", 400, '{"code":19021}')
    need(body["msg_type"] == "interactive", "type", 400, '{"code":9499}')
    card = body["card"]
    need(card["header"]["title"]["tag"] == "plain_text" and card["elements"], "card", 400,
         '{"code":200621}')
    need(set(card) <= {"header", "elements", "config"}, "members", 400, '{"code":200621}')
    for markup in strings(card, lambda one: one.get("tag") == "lark_md"):
        markup = FEISHU_PEOPLE.sub("", markup)
        need(not MENTION.search(markup), markup, 400, '{"code":200621}')
    for one in card["elements"]:
        need(one["tag"] in {"div", "hr", "action", "note"}, one["tag"], 400, '{"code":200621}')
    return 200, '{"code":0,"msg":"success","data":{}}'


def dingtalk(path, headers, text):
    query = {name: values[0] for name, values in
             urllib.parse.parse_qs(urllib.parse.urlparse(path).query).items()}
    is_signed = query["sign"] == signed(ROBOT_SECRET, f"{query['timestamp']}\n{ROBOT_SECRET}")
    is_now = abs(time.time() * 1_000 - int(query["timestamp"])) < HOUR_SECONDS * 1_000
    need(query["access_token"] == "t1", "token", 200, '{"errcode":300001}')
    need(is_signed and is_now, "sign", 200, '{"errcode":310000,"errmsg":"sign not match"}')
    need(headers["Content-Type"].startswith("application/json"), "type", 200, '{"errcode":43004}')
    need(len(text) <= 20_000, "too long", 200, '{"errcode":40035}')
    body = json.loads(text)
    markup = body["markdown"]
    need(body["msgtype"] == "markdown" and markup["title"] and markup["text"], "shape", 200,
         '{"errcode":40035}')
    need(not MENTION.search(markup["text"]), markup["text"], 200, '{"errcode":430101}')
    return 200, '{"errcode":0,"errmsg":"ok"}'


def wecom(path, _headers, text):
    body = json.loads(text)
    need("key=k1" in path, "key", 200, '{"errcode":93000}')
    need(body["msgtype"] in {"markdown", "text"}, "type", 200, '{"errcode":40008}')
    content = body[body["msgtype"]]["content"]
    limit = {"markdown": 4_096, "text": 2_048}[body["msgtype"]]
    need(0 < len(content.encode()) <= limit, "too long", 200, '{"errcode":40058}')
    need(not MENTION.search(WECOM_PEOPLE.sub("", content)), content, 200, '{"errcode":40058}')
    return 200, '{"errcode":0,"errmsg":"ok"}'


def discord(_path, _headers, text):
    body = json.loads(text)
    refusal = (400, '{"code":50035}')
    need(len(body.get("content") or "") <= 2_000, "content", *refusal)
    allowed = body["allowed_mentions"]
    need(set(allowed) <= {"parse", "users", "roles"} and "parse" in allowed, "mentions", *refusal)
    need(len(body["embeds"]) <= 10, "embeds", *refusal)
    whole = 0
    for embed in body["embeds"]:
        fields = embed.get("fields", [])
        need(len(embed["title"]) <= 256 and len(embed.get("description", "")) <= 4_096, "embed",
             *refusal)
        need(len(fields) <= 25, "fields", *refusal)
        for one in fields:
            need(0 < len(one["name"]) <= 256 and 0 < len(one["value"]) <= 1_024, "field", *refusal)
        footer = embed.get("footer", {}).get("text", "")
        whole += len(embed["title"]) + len(embed.get("description", "")) + len(footer)
        whole += sum(len(one["name"]) + len(one["value"]) for one in fields)
    need(whole <= 6_000, "too long in all", *refusal)
    return 204, ""


class Tags(html.parser.HTMLParser):
    """Telegram's HTML: a few tags, each of them closed, and its own four entities."""

    KNOWN = {"b", "i", "code", "pre", "a"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.is_sound, self.people = [], "", True, set()

    def handle_starttag(self, tag, attrs):
        self.is_sound &= tag in self.KNOWN and set(dict(attrs)) <= {"href"}
        self.open.append(tag)
        href = dict(attrs).get("href", "")
        self.people |= set(re.findall(r"^tg://user\?id=(\d+)$", href))

    def handle_endtag(self, tag):
        self.is_sound &= bool(self.open) and self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if not {"code", "pre"} & set(self.open):
            self.people |= set(re.findall(r"@\w+", data))


def telegram(path, _headers, text):
    body = json.loads(text)
    refusal = (400, '{"ok":false,"error_code":400,"description":"can\'t parse entities"}')
    need(path == "/bot123:abc/sendMessage", path, 401, '{"ok":false,"error_code":401}')
    need(body["chat_id"] == "-100", "chat", 400,
         '{"ok":false,"error_code":400,"description":"chat not found"}')
    need(body["parse_mode"] == "HTML", "mode", *refusal)
    tags = Tags()
    tags.feed(body["text"])
    tags.close()
    need(tags.is_sound and not tags.open, f"tags: {body['text']}", *refusal)
    need(len(tags.text.encode("utf-16-le")) // 2 <= 4_096, "too long", *refusal)
    for row in body.get("reply_markup", {}).get("inline_keyboard", []):
        need(all(one["text"] and one["url"] for one in row), "buttons", *refusal)
    return 200, '{"ok":true,"result":{"message_id":1}}'


def teams(_path, _headers, text):
    body = json.loads(text)
    need(len(text) <= 28_000, "too long", 413)
    need(body["type"] == "message", "type")
    [one] = body["attachments"]
    need(one["contentType"] == "application/vnd.microsoft.card.adaptive", "attachment")
    card = one["content"]
    need(card["type"] == "AdaptiveCard" and card["version"] <= "1.4" and card["body"], "card")
    for one in card["msteams"].get("entities", []):
        need(one["type"] == "mention" and one["mentioned"]["name"], "entities")
    for markup in strings(card, lambda one: one.get("type") == "TextBlock"):
        need(not MENTION.search(re.sub("</?at>", "", markup)), markup)
    for act in card["actions"]:
        need(act["type"] == "Action.OpenUrl" and act["title"] and act["url"], "action")
    return 202, ""


def pagerduty(_path, _headers, text):
    body = json.loads(text)
    refusal = (400, '{"status":"invalid event"}')
    payload = body["payload"]
    need(len(text) <= 512_000 and body["routing_key"] == "R0UTING", "key or size", *refusal)
    need(body["event_action"] in {"trigger", "acknowledge", "resolve"}, "action", *refusal)
    need(0 < len(body["dedup_key"]) <= 255, "dedup_key", *refusal)
    need(0 < len(payload["summary"]) <= 1_024 and payload["source"], "summary", *refusal)
    need(payload["severity"] in {"critical", "error", "warning", "info"}, "severity", *refusal)
    return 202, '{"status":"success","message":"Event processed","dedup_key":"x"}'


def elasticsearch(path, headers, text):
    need(path == "/_bulk" and headers["Content-Type"] == "application/x-ndjson", path)
    need(text.endswith(b"\n"), "the bulk request must be terminated by a newline")
    act, document = [json.loads(line) for line in text.decode().splitlines()]
    need(act["create"]["_index"] and act["create"]["_id"], "action")
    need(document["@timestamp"] and document["message"], "document")
    return 200, '{"errors":false,"items":[{"create":{"status":201}}]}'


def webhook(_path, headers, text):
    """By the public library of Standard Webhooks."""
    body = Webhook(WEBHOOK_SECRET).verify(text, dict(headers))
    need(len(text) <= 20_000 and body["type"] and body["timestamp"] and body["data"], "body")
    return 204, ""


def slack_people(body):
    """Whom Slack would notify; the others are alike."""
    texts = strings(body, lambda one: one.get("type") == "mrkdwn")
    return {who for text in texts for who in SLACK_PEOPLE.findall(text)}


def feishu_people(body):
    texts = strings(body["card"], lambda one: one.get("tag") == "lark_md")
    return {who for text in texts for who in FEISHU_PEOPLE.findall(text)}


def dingtalk_people(body):
    at, text = body["at"], body["markdown"]["text"]
    people = set(at["atMobiles"]) | set(at["atUserIds"])
    # Who is not in the text too is not seen to be meant.
    return {who for who in people if f"@{who}" in text} | ({"all"} if at["isAtAll"] else set())


def wecom_people(body):
    if body["msgtype"] == "markdown":
        return set(WECOM_PEOPLE.findall(body["markdown"]["content"]))
    text = body["text"]
    return set(text.get("mentioned_list", [])) | set(text.get("mentioned_mobile_list", []))


def discord_people(body):
    content, allowed = body.get("content", ""), body["allowed_mentions"]
    users = set(re.findall(r"<@(\d+)>", content)) & set(allowed.get("users", []))
    known = {f"&{one}" for one in allowed.get("roles", [])}
    roles = set(re.findall(r"<@(&\d+)>", content)) & known
    all_of = re.findall(r"@(?:everyone|here)", content) if "everyone" in allowed["parse"] else []
    return users | roles | set(all_of)


def telegram_people(body):
    tags = Tags()
    tags.feed(body["text"])
    return tags.people


def teams_people(body):
    card = body["attachments"][0]["content"]
    texts = list(strings(card, lambda one: one.get("type") == "TextBlock"))
    entities = card["msteams"].get("entities", [])
    said = [one for one in entities if any(one["text"] in text for text in texts)]
    return {one["mentioned"]["id"] for one in said}


PEOPLE = {
    "slack": slack_people, "feishu": feishu_people, "dingtalk": dingtalk_people,
    "wecom": wecom_people, "discord": discord_people, "telegram": telegram_people,
    "teams": teams_people,
}
CHECKS = {
    "slack": slack, "feishu": feishu, "dingtalk": dingtalk, "wecom": wecom, "discord": discord,
    "telegram": telegram, "teams": teams, "pagerduty": pagerduty, "webhook": webhook,
    "elasticsearch": elasticsearch,
}
