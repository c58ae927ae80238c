//! What a key's name says about its value: a secret, an identifier, or neither.
//!
//! Names are matched by whole words, never by parts of words, so `author` is not `auth` and
//! `max_tokens` is not `token`. A name is read once, without allocation.

/// What a key's name says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The value must not be stored.
    pub(super) is_secret: bool,
    /// The value is of several words, as `Authorization: Bearer x` and `Cookie: a=1; b=2`.
    pub(super) is_header: bool,
    /// A word that prose also uses with a colon: `session: closed`.
    pub(super) is_prosaic: bool,
    /// An id, a time, a version or a commit: never a card number.
    pub(super) is_identifier: bool,
}

impl Verdict {
    /// All of it in four bits.
    pub(super) fn to_bits(self) -> u8 {
        let flags = [self.is_secret, self.is_header, self.is_prosaic, self.is_identifier];
        flags.iter().rev().fold(0, |bits, flag| bits << 1 | u8::from(*flag))
    }

    pub(super) const fn from_bits(bits: u8) -> Self {
        Self {
            is_secret: bits & 1 != 0,
            is_header: bits & 2 != 0,
            is_prosaic: bits & 4 != 0,
            is_identifier: bits & 8 != 0,
        }
    }
}

/// A lower-case word: its last 16 bytes, and how long it is. Longer words that end alike and are
/// of one length count as the same, which no real key notices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Word {
    packed: u128,
    length: usize,
}

impl Word {
    const fn push(&mut self, byte: u8) {
        self.packed = self.packed << 8 | byte.to_ascii_lowercase() as u128;
        self.length += 1;
    }

    const fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut word = Self { packed: 0, length: 0 };
        while word.length < bytes.len() {
            word.push(bytes[word.length]);
        }
        word
    }

    fn ends_with(self, end: Self) -> bool {
        let mask = (1_u128 << (8 * end.length)) - 1;
        self.length > end.length && self.packed & mask == end.packed
    }
}

/// The words of a name: split where letters and digits end and at camelCase; digits behind a word
/// are dropped (`password1`, `oauth2`), and so are words of digits alone.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    name: &'a [u8],
}

pub(super) fn words(name: &[u8]) -> Words<'_> {
    Words { name }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        loop {
            let gap = self.name.iter().position(|&byte| is_word_byte(byte))?;
            let run = &self.name[gap..];
            let (word, length) = first_word(run);
            self.name = &run[length..];
            // A run of digits alone says nothing.
            if word.length > 0 {
                return Some(word);
            }
        }
    }
}

/// The word at the start of a run, without digits behind it, and how far it reaches with them.
fn first_word(run: &[u8]) -> (Word, usize) {
    let mut word = Word::default();
    let mut digits = 0;
    let mut before_is_capital = true;
    for (at, &byte) in run.iter().enumerate() {
        if byte.is_ascii_lowercase() {
            before_is_capital = false;
            digits = 0;
        } else if byte.is_ascii_uppercase() {
            let next_is_lower = at > 0 && run.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            if !before_is_capital || next_is_lower {
                break;
            }
            digits = 0;
        } else if is_word_byte(byte) {
            before_is_capital = false;
            digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        } else {
            break;
        }
        word.push(byte);
    }
    let length = word.length;
    word.packed = word.packed.unbounded_shr(8 * digits as u32);
    word.length -= digits;
    (word, length)
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Roles that a word can play in a name. One word may play several.
mod role {
    /// Secret wherever it stands, unless the last word only describes it (`password_length`).
    pub(super) const STRONG: u32 = 1;
    /// Secret as the last word, or before a word that carries it (`session`, `cookie_value`).
    pub(super) const WEAK: u32 = 1 << 1;
    pub(super) const TOKEN: u32 = 1 << 2;
    pub(super) const TOKENS: u32 = 1 << 3;
    pub(super) const KEY: u32 = 1 << 4;
    pub(super) const CODE: u32 = 1 << 5;
    pub(super) const NUMBER: u32 = 1 << 6;
    /// Before `key`: `api_key`, not `primary_key`.
    pub(super) const BEFORE_KEY: u32 = 1 << 7;
    /// Before `tokens`: `refresh_tokens`, not `prompt_tokens`.
    pub(super) const BEFORE_TOKENS: u32 = 1 << 8;
    /// Before `code`: `otp_code`, not `status_code`.
    pub(super) const BEFORE_CODE: u32 = 1 << 9;
    /// Before `token`: a count, a page or a parser's token.
    pub(super) const NOT_TOKEN: u32 = 1 << 10;
    /// Before `number`, `pin` and the like: `card_number`.
    pub(super) const CARD: u32 = 1 << 11;
    /// Before `pass`, `pin`: somebody's.
    pub(super) const OWNER: u32 = 1 << 12;
    /// Secret as the only word of a name, or behind an owner: `pass`, `pin`.
    pub(super) const ALONE: u32 = 1 << 13;
    pub(super) const CARRIER: u32 = 1 << 14;
    pub(super) const DESCRIBES: u32 = 1 << 15;
    pub(super) const ID: u32 = 1 << 16;
    /// As the last word: the value is an identifier, a time, a version or a hash.
    pub(super) const IDENTIFIES: u32 = 1 << 17;
    pub(super) const COMMIT: u32 = 1 << 18;
    pub(super) const HEADER: u32 = 1 << 19;
    pub(super) const PROSAIC: u32 = 1 << 20;
    /// As the first word: `has_password`, `is_secret`.
    pub(super) const FLAG: u32 = 1 << 21;
    pub(super) const SESSION: u32 = 1 << 22;
    pub(super) const SIGNATURE: u32 = 1 << 23;
    pub(super) const SIGNER: u32 = 1 << 24;
    pub(super) const PHRASE: u32 = 1 << 25;
    pub(super) const SEED: u32 = 1 << 26;
    /// As an earlier word of an error's name: `InvalidToken`, `MissingSecret`.
    pub(super) const FAULT: u32 = 1 << 27;
}
use role::*;

const ROLES: &[(u32, &str)] = &[
    (STRONG, "password passwords passwd pwd passphrase passcode secret secrets credential"),
    (STRONG, "credentials authorization passwort kennwort contrasena senha wachtwoord motdepasse"),
    (STRONG, "authorisation contraseña 密码 密碼 口令 密钥"),
    (STRONG, "пароль Пароль ПАРОЛЬ парол парола пароля пароли"),
    (STRONG, "passwordhash passwordconfirm passwordrepeat"),
    (WEAK, "session cookie cookies csrf xsrf jwt bearer otp totp cvv cvc cvn ssn auth apikey"),
    (WEAK, "apikeys accesskey privatekey secretkey authkey pw sessionid sessid cardnumber"),
    (WEAK, "ccnumber creditcard mnemonic sessionkey encryptionkey signingkey cardno 令牌"),
    (WEAK, "iban sid passe токен Токен ТОКЕН cardnum ccno ccnum stripekey centerkey"),
    (TOKEN | CARRIER, "token"),
    (TOKENS, "tokens"),
    (KEY | CARRIER, "key keys"),
    (CODE | CARRIER, "code codes"),
    (NUMBER | CARRIER, "number no num"),
    (BEFORE_KEY, "api access private secret signing encryption decryption auth session master"),
    (BEFORE_KEY, "shared ssh subscription hmac account functions service license crypto"),
    (BEFORE_KEY, "stripe center"),
    (BEFORE_TOKENS, "access refresh auth api bearer session csrf oauth device push user secret"),
    (BEFORE_CODE, "otp totp mfa 2fa verification security sms auth recovery backup pin"),
    (NOT_TOKEN, "max min num total count n prompt completion input output used cached next page"),
    (NOT_TOKEN, "continuation unexpected cancellation cancel reasoning per stop pad eos bos"),
    (CARD, "card cc credit debit creditcard security"),
    (OWNER, "db database user smtp mail email admin ftp ssh redis mysql pg postgres proxy login"),
    (OWNER, "card atm security old new current confirm root http account wifi"),
    (ALONE | PROSAIC, "pass pin sig signature"),
    (CARRIER, "value values val header headers data string str secret hash raw plain text cookie"),
    (CARRIER, "cookies jar pem digest base hex confirm confirmation repeat again encoded word"),
    (CARRIER | PHRASE, "phrase"),
    (DESCRIBES, "count length len size limit max min used usage remaining type kind name names"),
    (
        DESCRIBES,
        "enabled disabled required valid invalid expired expires expiry expiration ttl age",
    ),
    (DESCRIBES, "at date time timeout policy status state changed updated created strength"),
    (DESCRIBES, "attempts retries error errors exception failed field fields path file endpoint"),
    (DESCRIBES, "domain version algorithm method provider missing present format arn rules hint"),
    (DESCRIBES, "message messages label placeholder help score consent found manager service"),
    (DESCRIBES, "js ts py rb go java php jsx tsx vue svelte rs cs kt mjs cjs html css json yaml"),
    (DESCRIBES, "yml txt xml sql sh lock md c h cpp"),
    (IDENTIFIES, "uuid guid ids timestamp ts time at date version hash sha md commit revision rev"),
    (IDENTIFIES, "checksum etag fingerprint epoch duration traceparent traceid requestid userid"),
    (IDENTIFIES | ID, "id"),
    (COMMIT, "commit commits"),
    (HEADER, "authorization cookie cookies"),
    (PROSAIC, "session auth cookie cookies bearer jwt csrf xsrf"),
    (FLAG, "is has"),
    (SESSION, "session sess"),
    (SIGNATURE, "signature"),
    (SIGNER, "amz goog hub stripe webhook request line slack"),
    (SEED, "seed recovery"),
    (FAULT, "invalid expired missing bad wrong unexpected incorrect no unknown illegal malformed"),
    (FAULT, "not without duplicate revoked unsupported found denied mismatch failed error"),
];

/// Slots of the table: more than twice the words, so that a look-up seldom needs a second probe.
const SLOTS: usize = 1_024;

/// All words with all the roles that each plays: an open-addressing hash table that the compiler
/// puts together. Every word of every key is looked up here; the branches of a binary search, which
/// no processor can guess, were a large part of a report's time.
static TABLE: [(Word, u32); SLOTS] = table();

const fn table() -> [(Word, u32); SLOTS] {
    let mut table = [(Word { packed: 0, length: 0 }, 0); SLOTS];
    let mut row = 0;
    while row < ROLES.len() {
        let (role, text) = ROLES[row];
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let mut word = Word { packed: 0, length: 0 };
            while at < bytes.len() && bytes[at] != b' ' {
                word.push(bytes[at]);
                at += 1;
            }
            at += 1;
            let place = slot(&table, word);
            table[place] = (word, table[place].1 | role);
        }
        row += 1;
    }
    table
}

/// Where a word stands, or would stand. There are always empty slots.
const fn slot(table: &[(Word, u32); SLOTS], word: Word) -> usize {
    // 2^64 divided by the golden ratio, as in Knuth's multiplicative hashing.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let folded = word.packed as u64 ^ ((word.packed >> 64) as u64).rotate_left(29);
    let mut place = (folded.wrapping_mul(FACTOR) >> 54) as usize;
    while table[place].0.length != 0
        && (table[place].0.packed != word.packed || table[place].0.length != word.length)
    {
        place = (place + 1) % SLOTS;
    }
    place
}

/// Words that people write without a gap: `csrfmiddlewaretoken`, `PHPSESSID`, `用户密码`.
const ENDINGS: [(Word, u32); 10] = [
    (Word::of("token"), TOKEN),
    (Word::of("password"), STRONG),
    (Word::of("passwd"), STRONG),
    (Word::of("secret"), STRONG),
    (Word::of("apikey"), WEAK),
    (Word::of("sessionid"), WEAK),
    (Word::of("sessid"), WEAK),
    (Word::of("密码"), STRONG),
    (Word::of("密碼"), STRONG),
    (Word::of("пароль"), STRONG),
];

fn roles_of(word: Word) -> u32 {
    let (entry, roles) = TABLE[slot(&TABLE, word)];
    if entry.length != 0 || word.length <= 5 {
        return roles;
    }
    ENDINGS.iter().find(|(end, _)| word.ends_with(*end)).map_or(0, |(_, role)| *role)
}

/// What has been read of a name so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Weak,
    Strong,
}

/// Judges a name by its words alone.
pub(super) fn judge(name: &[u8]) -> Verdict {
    let mut found = Found::Nothing;
    let (mut before, mut all, mut first) = (0, 0, None);
    for word in words(name) {
        let roles = roles_of(word);
        found = match found {
            Found::Strong => Found::Strong,
            _ if roles & STRONG != 0 => Found::Strong,
            _ if is_weak(roles, before, first.is_none()) => Found::Weak,
            Found::Weak if roles & CARRIER != 0 => Found::Weak,
            _ => Found::Nothing,
        };
        first = first.or(Some(roles));
        all |= roles;
        before = roles;
    }
    let is_described = found == Found::Strong && before & DESCRIBES != 0;
    let is_flag = first.is_some_and(|roles| roles & FLAG != 0);
    let is_secret = found != Found::Nothing && !is_described && !is_flag;
    Verdict {
        is_secret,
        is_header: is_secret && all & HEADER != 0,
        is_prosaic: found == Found::Weak && all & PROSAIC != 0,
        is_identifier: before & IDENTIFIES != 0 || all & COMMIT != 0,
    }
}

/// Whether a word, behind the one before it, makes the name a secret's.
fn is_weak(roles: u32, before: u32, is_first: bool) -> bool {
    let pair = |role: u32, role_before: u32| roles & role != 0 && before & role_before != 0;
    roles & WEAK != 0
        || (roles & TOKEN != 0 && before & NOT_TOKEN == 0)
        || (roles & (TOKENS | ALONE) != 0 && is_first)
        || pair(TOKENS, BEFORE_TOKENS)
        || pair(ALONE, OWNER)
        || pair(KEY, BEFORE_KEY)
        || pair(CODE, BEFORE_CODE)
        || pair(NUMBER | CARD, CARD)
        || pair(ID, SESSION)
        || pair(SIGNATURE, SIGNER)
        || pair(PHRASE, SEED)
}

/// Whether a name tells of a fault, as the names of exceptions do: `InvalidToken`.
pub(super) fn names_fault(name: &[u8]) -> bool {
    words(name).any(|word| roles_of(word) & FAULT != 0)
}
