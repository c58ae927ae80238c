//! The words of messages, in each language.

use super::act::Act;
use super::{Language, Trigger};
use crate::domain::status::Status;

/// A word of a message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Word {
    /// The number of the request.
    RequestId,
    /// Method and address.
    Request,
    /// Whom it happened to.
    User,
    /// When.
    Time,
    /// Which version.
    Version,
    /// How many reports.
    Reports,
    /// How many users.
    Users,
    /// Since when.
    FirstSeen,
    /// From when on a summary tells.
    Since,
    /// Who takes care.
    Assignee,
    /// Who moved it.
    Who,
    /// Why.
    Note,
    /// The button that leads to the issue.
    Open,
}

impl Word {
    /// In a language.
    pub(super) const fn say(self, language: Language) -> &'static str {
        let words = match self {
            Self::RequestId => ["Request id", "请求 ID", "ID запроса"],
            Self::Request => ["Request", "请求", "Запрос"],
            Self::User => ["User", "用户", "Пользователь"],
            Self::Time => ["Time", "时间", "Время"],
            Self::Version => ["Version", "版本", "Версия"],
            Self::Reports => ["Reports", "上报次数", "Отчётов"],
            Self::Users => ["Users", "受影响用户", "Пользователей"],
            Self::Since => ["Since", "起始时间", "С"],
            Self::FirstSeen => ["First seen", "首次出现", "Впервые"],
            Self::Assignee => ["Assigned to", "负责人", "Ответственный"],
            Self::Who => ["By", "操作人", "Кто"],
            Self::Note => ["Note", "备注", "Комментарий"],
            Self::Open => ["Open", "查看详情", "Открыть"],
        };
        language.of(words)
    }
}

/// The word on the button of a link that does something.
pub(super) const fn act(act: Act, language: Language) -> &'static str {
    let words = match act {
        Act::Claim => ["I take it", "我来处理", "Беру на себя"],
        Act::Mute => ["Mute for a day", "静音一天", "Заглушить на сутки"],
        Act::Verify => ["Verify", "开始核实", "Проверить"],
    };
    language.of(words)
}

/// What happened, as the last words of a title.
pub(super) fn happened(language: Language, trigger: Trigger, facts: &super::Facts) -> String {
    let reports = grouped(facts.reports.unwrap_or(0), language);
    let minutes = facts.minutes.unwrap_or(0);
    let to = facts.to.as_deref().map(|name| status(language, name)).unwrap_or_default();
    match (trigger, language) {
        (Trigger::Created, Language::En) => "NEW".into(),
        (Trigger::Created, Language::Zh) => "新问题".into(),
        (Trigger::Created, Language::Ru) => "НОВАЯ".into(),
        (Trigger::Regressed, Language::En) => "REGRESSED".into(),
        (Trigger::Regressed, Language::Zh) => "再次出现".into(),
        (Trigger::Regressed, Language::Ru) => "ВЕРНУЛАСЬ".into(),
        (Trigger::Milestone, Language::En) => format!("{reports} reports"),
        (Trigger::Milestone, Language::Zh) => format!("已上报 {reports} 次"),
        (Trigger::Milestone, Language::Ru) => format!("отчётов: {reports}"),
        (Trigger::Moved, Language::Zh) => format!("状态变为 {to}"),
        (Trigger::Moved, _) => format!("→ {to}"),
        (Trigger::Frequent, Language::En) => format!("{reports} in {minutes} min"),
        (Trigger::Frequent, Language::Zh) => format!("{minutes} 分钟内 {reports} 次"),
        (Trigger::Frequent, Language::Ru) => format!("{reports} за {minutes} мин"),
        (Trigger::Spike, Language::En) => "SPIKE".into(),
        (Trigger::Spike, Language::Zh) => "突然增多".into(),
        (Trigger::Spike, Language::Ru) => "ВСПЛЕСК".into(),
        (Trigger::Spread, language) => spread(language, facts),
        (Trigger::Trouble, Language::En) => "LOG CENTER NEEDS YOU".into(),
        (Trigger::Trouble, Language::Zh) => "Log Center 需要处理".into(),
        (Trigger::Trouble, Language::Ru) => "LOG CENTER ТРЕБУЕТ ВНИМАНИЯ".into(),
        (Trigger::Digest, Language::En) => "DIGEST".into(),
        (Trigger::Digest, Language::Zh) => "汇总".into(),
        (Trigger::Digest, Language::Ru) => "СВОДКА".into(),
        (Trigger::Verdict, Language::En) => format!("deploy of {}", version(facts)),
        (Trigger::Verdict, Language::Zh) => format!("{} 部署结果", version(facts)),
        (Trigger::Verdict, Language::Ru) => format!("развёртывание {}", version(facts)),
        (Trigger::Silent, Language::En) => format!("no reports for {minutes} min"),
        (Trigger::Silent, Language::Zh) => format!("{minutes} 分钟没有上报"),
        (Trigger::Silent, Language::Ru) => format!("нет отчётов {minutes} мин"),
        (Trigger::Storm, Language::En) => "many at once".into(),
        (Trigger::Storm, Language::Zh) => "集中爆发".into(),
        (Trigger::Storm, Language::Ru) => "много сразу".into(),
        (Trigger::Test, Language::En) => "TEST".into(),
        (Trigger::Test, Language::Zh) => "测试".into(),
        (Trigger::Test, Language::Ru) => "ПРОВЕРКА".into(),
    }
}

/// A status as the dashboard calls it.
fn status(language: Language, name: &str) -> &str {
    let Some(status) = Status::parse(name) else { return name };
    let words = match status {
        Status::New => ["New", "新上报", "Новая"],
        Status::Verifying => ["Verifying", "正在验证", "Проверяется"],
        Status::PendingFix => ["Needs a fix", "等待修复", "Ждёт исправления"],
        Status::Fixing => ["Fixing", "修复中", "Исправляется"],
        Status::Fixed => ["Fixed, unverified", "已修复，待验证", "Исправлена, ждёт проверки"],
        Status::Verified => ["Verified", "已验证", "Проверена"],
        Status::Deployed => ["Deployed", "已部署上线", "В продакшене"],
        Status::CannotReproduce => ["Cannot reproduce", "无法复现", "Не воспроизводится"],
        Status::FixFailed => ["Fix failed", "修复失败", "Исправление не помогло"],
    };
    language.of(words)
}

fn version(facts: &super::Facts) -> &str {
    facts.version.as_deref().unwrap_or_default()
}

/// The text of a digest and of a verdict.
pub(super) fn summed(language: Language, folded: &super::Folded, is_verdict: bool) -> String {
    if folded.total() == 0 && is_verdict {
        return match language {
            Language::En => "Quiet: nothing new, and nothing came back.".into(),
            Language::Zh => "平静：没有新问题，也没有问题再次出现。".into(),
            Language::Ru => "Тихо: ничего нового и ничего не вернулось.".into(),
        };
    }
    counted(language, folded)
}

/// What a summary counts; what there is none of is left out.
fn counted(language: Language, folded: &super::Folded) -> String {
    let one_or_many = |number: i64, one: &str, many: &str| {
        format!("{} {}", grouped(number, language), if number == 1 { one } else { many })
    };
    let say = |at: usize, number: i64| match (language, at) {
        (Language::En, 0) => one_or_many(number, "new issue", "new issues"),
        (Language::En, 1) => one_or_many(number, "regressed issue", "regressed issues"),
        (Language::En, _) => one_or_many(number, "other notification", "other notifications"),
        (Language::Zh, 0) => format!("新问题 {} 个", grouped(number, language)),
        (Language::Zh, 1) => format!("再次出现 {} 个", grouped(number, language)),
        (Language::Zh, _) => format!("其他通知 {} 条", grouped(number, language)),
        (Language::Ru, 0) => format!("новых проблем: {}", grouped(number, language)),
        (Language::Ru, 1) => format!("вернувшихся: {}", grouped(number, language)),
        (Language::Ru, _) => format!("других уведомлений: {}", grouped(number, language)),
    };
    let numbers = [folded.created, folded.regressed, folded.other];
    let parts = numbers.into_iter().enumerate().filter(|(_, number)| *number > 0);
    let parts: Vec<String> = parts.map(|(at, number)| say(at, number)).collect();
    let text = parts.join(if language == Language::Zh { "，" } else { ", " });
    // A sentence begins with a capital letter, where there are any.
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Where an issue has spread to.
fn spread(language: Language, facts: &super::Facts) -> String {
    let environment = facts.environment.as_deref().unwrap_or_default();
    let users = facts.users.map(|users| grouped(users, language));
    match (users, facts.version.as_deref(), language) {
        (Some(users), _, Language::En) => format!("SPREAD to {users} users"),
        (Some(users), _, Language::Zh) => format!("已影响 {users} 名用户"),
        (Some(users), _, Language::Ru) => format!("РАСПРОСТРАНЕНИЕ, пользователей: {users}"),
        (_, Some(version), Language::En) => format!("SPREAD to version {version}"),
        (_, Some(version), Language::Zh) => format!("扩散到版本 {version}"),
        (_, Some(version), Language::Ru) => format!("РАСПРОСТРАНЕНИЕ на версию {version}"),
        (_, _, Language::En) => format!("SPREAD to {environment}"),
        (_, _, Language::Zh) => format!("扩散到 {environment}"),
        (_, _, Language::Ru) => format!("РАСПРОСТРАНЕНИЕ на {environment}"),
    }
}

/// What is the matter with Log Center.
pub(super) fn trouble(language: Language, facts: &super::Facts) -> String {
    let name = facts.channel_name.as_deref().unwrap_or_default();
    let refused = grouped(facts.reports.unwrap_or(0), language);
    let code = facts.trouble.as_deref().unwrap_or_default();
    match (code, language) {
        ("disk_low", Language::En) => "The disk is nearly full: reports will be refused.".into(),
        ("disk_low", Language::Zh) => "磁盘即将写满，之后的上报将被拒绝。".into(),
        ("disk_low", Language::Ru) => {
            "Диск почти заполнен: отчёты скоро не будут приниматься.".into()
        }
        ("channel", Language::En) => format!("The channel {name} fails and has to be mended."),
        ("channel", Language::Zh) => format!("通知渠道 {name} 发送失败，需要修复。"),
        ("channel", Language::Ru) => format!("Канал {name} не работает, его нужно починить."),
        (_, Language::En) => format!("{refused} requests were refused: {code}."),
        (_, Language::Zh) => format!("已拒绝 {refused} 个请求：{code}。"),
        (_, Language::Ru) => format!("Отклонено запросов: {refused} ({code})."),
    }
}

/// The text of a summary.
pub(super) fn folded(language: Language, folded: &super::Folded) -> String {
    counted(language, folded)
}

/// The text of a test.
pub(super) const fn test(language: Language) -> &'static str {
    match language {
        Language::En => "This is how a notification looks. Nothing is wrong.",
        Language::Zh => "这是一条测试通知，系统一切正常。",
        Language::Ru => "Так выглядит уведомление. Ничего не случилось.",
    }
}

/// With the language's mark between thousands; the Russian one keeps a number in its line.
pub(super) fn grouped(number: i64, language: Language) -> String {
    let mark = if language == Language::Ru { '\u{a0}' } else { ',' };
    let digits = number.unsigned_abs().to_string();
    let mut out = if number < 0 { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notify::Folded;

    #[test]
    fn thousands_are_grouped() {
        let table = [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")];
        for (number, expected) in table {
            assert_eq!(grouped(number, Language::En), expected);
        }
        assert_eq!(grouped(1_000, Language::Ru), "1\u{a0}000");
    }

    #[test]
    fn a_status_is_called_as_the_dashboard_calls_it() {
        for (language, words) in [
            (Language::En, include_str!("../../../web/src/lib/words/en.ts")),
            (Language::Zh, include_str!("../../../web/src/lib/words/zh-CN.ts")),
            (Language::Ru, include_str!("../../../web/src/lib/words/ru.ts")),
        ] {
            for one in Status::ALL.map(Status::name) {
                let expected = format!("'status.{one}': '{}'", status(language, one));
                assert!(words.contains(&expected), "{expected}");
            }
        }
        assert_eq!(status(Language::En, "LATER"), "LATER");
    }

    #[test]
    fn a_summary_counts_what_there_is() {
        let of =
            |created, regressed, other| Folded { created, regressed, other, ..Folded::default() };
        let table = [
            (Language::En, of(1, 0, 0), "1 new issue"),
            (
                Language::En,
                of(1_240, 1, 2),
                "1,240 new issues, 1 regressed issue, 2 other notifications",
            ),
            (Language::Zh, of(3, 2, 0), "新问题 3 个，再次出现 2 个"),
            (Language::Ru, of(0, 2, 1), "Вернувшихся: 2, других уведомлений: 1"),
        ];
        for (language, counts, expected) in table {
            assert_eq!(folded(language, &counts), expected);
            assert_eq!(summed(language, &counts, true), expected);
        }
        assert!(summed(Language::En, &of(0, 0, 0), true).starts_with("Quiet"));
    }
}
