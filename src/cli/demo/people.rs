//! The shop's customers: who they are, with what they browse, and the words they leave behind.

use super::chance::Chance;

/// How many customers there are.
pub(super) const USERS: usize = 3_000;

/// A browser.
#[derive(Clone, Copy, Debug)]
pub(super) struct Browser {
    /// How the files name it.
    pub(super) name: &'static str,
    /// `navigator.userAgent`.
    pub(super) user_agent: &'static str,
    /// Whether its stacks are `name@address`.
    pub(super) prints_gecko: bool,
}

const fn browser(name: &'static str, user_agent: &'static str) -> Browser {
    let prints_gecko = name.as_bytes()[0] != b'c';
    Browser { name, user_agent, prints_gecko }
}

/// About as often as they are met.
const BROWSERS: [Browser; 10] = [
    browser(
        "chrome",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/131.0.0.0 Safari/537.36",
    ),
    browser(
        "chrome",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/131.0.0.0 Mobile Safari/537.36",
    ),
    browser(
        "chrome",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/130.0.0.0 Safari/537.36",
    ),
    browser(
        "chrome",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    ),
    browser(
        "chrome",
        "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) \
         SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
    ),
    browser(
        "safari",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 \
         (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    ),
    browser(
        "safari",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 16_7 like Mac OS X) AppleWebKit/605.1.15 \
         (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
    ),
    browser(
        "safari",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 \
         (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
    ),
    browser(
        "firefox",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
    ),
    browser("firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"),
];

/// A customer; always the same for the same number.
#[derive(Clone, Debug)]
pub(super) struct User {
    /// `user_id`.
    pub(super) id: String,
    /// What they browse with.
    pub(super) browser: Browser,
    /// Their language.
    pub(super) locale: &'static str,
    /// Their address, of a network for documentation.
    pub(super) ip: String,
}

/// A customer; some come much more often than others. `most`: how many have this trouble at most;
/// `named`: the browser that they all use, if any.
pub(super) fn user(chance: &mut Chance, most: Option<usize>, named: &str) -> User {
    let number = (chance.unit().powf(1.7) * USERS as f64) as usize;
    let number = most.map_or(number, |most| number % most.max(1) * 23 % USERS);
    let mut own = Chance::of(&[0x7573_6572, number as u64]);
    let mut browser = *own.pick(&BROWSERS);
    while !named.is_empty() && browser.name != named {
        browser = *own.pick(&BROWSERS);
    }
    let locale = *own.pick(&["en-GB", "en-GB", "de-DE", "de-DE", "fr-FR", "zh-CN", "ru-RU"]);
    let network = *own.pick(&["192.0.2", "198.51.100", "203.0.113"]);
    let ip = format!("{network}.{}", own.below(254) + 1);
    User { id: format!("u_{}", 10_000 + number), browser, locale, ip }
}

/// Fills the words in braces; others stay as they are.
pub(super) fn fill(text: &str, chance: &mut Chance) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let word = after.split_once('}').and_then(|(name, end)| Some((word(name, chance)?, end)));
        match word {
            Some((word, end)) => {
                filled.push_str(&word);
                rest = end;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

fn word(name: &str, chance: &mut Chance) -> Option<String> {
    const WORDS: [&str; 14] = [
        "shoes",
        "winter",
        "lamp",
        "kaffee",
        "чайник",
        "茶壶",
        "sofa",
        "nan",
        "undefined",
        "null",
        "express",
        "regal",
        "tête",
        "x1",
    ];
    let number = |chance: &mut Chance, start, end| chance.between(start, end).to_string();
    Some(match name {
        "n" => number(chance, 10_000, 990_000),
        "small" => number(chance, 1, 60),
        "ms" => number(chance, 3_000, 31_000),
        "pct" => number(chance, 86, 99),
        "heap" => number(chance, 1_840, 2_048),
        "react" => (*chance.pick(&["418", "423", "425", "185"])).to_owned(),
        "sku" => {
            format!("{}-{}", chance.pick(&["KT", "LV", "BD", "GR"]), 1_000 + chance.below(900))
        }
        "order" => format!("ORD-{}", 480_000 + chance.below(9_000)),
        "word" => (*chance.pick(&WORDS)).to_owned(),
        "hex" => chance.hex(8),
        "uuid" => chance.uuid(),
        "email" => format!("customer{}@example.com", chance.below(900)),
        "phone" => format!("8 (900) 555-{:02}-{:02}", chance.below(100), chance.below(100)),
        "city" => (*chance.pick(&["拉萨", "三亚", "喀什", "漠河"])).to_owned(),
        "amount" => format!("{}.{:02}", chance.between(40, 90_000), chance.below(100)),
        "currency" => (*chance.pick(&["CHF", "PLN", "CNY", "SEK"])).to_owned(),
        // The numbers that payment providers give for tests.
        "card" => (*chance.pick(&["4111111111111111", "5555555555554444"])).to_owned(),
        _ => return None,
    })
}

/// The message in the words of a browser.
pub(super) fn dialect(message: String, object: &str, browser: &Browser) -> String {
    let object = if object.is_empty() { "e" } else { object };
    let Some(rest) = message.strip_prefix("Cannot read properties of ") else { return message };
    let Some((nothing, name)) = rest.split_once(" (reading '") else { return message };
    let name = name.trim_end_matches("')");
    match browser.name {
        "firefox" => format!("can't access property \"{name}\", {object} is {nothing}"),
        "safari" => format!("{nothing} is not an object (evaluating '{object}.{name}')"),
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_are_filled_and_other_braces_stay() {
        let mut chance = Chance::of(&[1]);
        let text = fill("{'k': {small}} {} {n", &mut chance);
        assert!(text.starts_with("{'k': ") && text.ends_with("} {} {n"), "{text}");
        assert!(!text.contains("small"));
    }

    #[test]
    fn each_browser_says_it_in_its_own_words() {
        let say = |at: usize| {
            let message = "Cannot read properties of undefined (reading 'total')".to_owned();
            dialect(message, "cart", &BROWSERS[at])
        };
        assert_eq!(say(0), "Cannot read properties of undefined (reading 'total')");
        assert_eq!(say(5), "undefined is not an object (evaluating 'cart.total')");
        assert_eq!(say(9), "can't access property \"total\", cart is undefined");
    }
}
