//! What is taken out and, as important, what stays.

mod hostile;
mod structured;

use super::{Scrubber, keys};

pub(super) const JWT: &str =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";

fn scrubber() -> Scrubber {
    Scrubber::new(&[], &[])
}

/// `expected` has `#` where a secret was.
fn check(input: &str, expected: &str) {
    let expected = expected.replace('#', "[scrubbed]");
    let once = scrubber().text(input).into_owned();
    assert_eq!(once, expected, "from {input}");
    assert_eq!(scrubber().text(&once), once, "a second time");
}

fn stays(input: &str) {
    let scrubber = scrubber();
    let scrubbed = scrubber.text(input);
    assert_eq!(scrubbed, input);
    assert!(matches!(scrubbed, std::borrow::Cow::Borrowed(_)), "copied {input}");
}

#[test]
fn keys_of_secrets_are_known_by_whole_words() {
    let secret = "password PASSWORD passwd pwd passphrase token authorization Authorization \
        auth-header proxy_authorization Proxy-Authorization cookie Cookie set-cookie \
        Set-Cookie2 secret api_key apiKey APIKey apikey x-api-key X-API-Key access_key \
        private_key privateKey client_secret clientSecret credentials session sessionid \
        session_id sessionId session.key csrf csrftoken csrf_token X-CSRF-Token XSRF-TOKEN \
        xsrf csrfmiddlewaretoken otp otp_code pin pin_code cvv cvc cvv2 card_number \
        cardNumber card-no credit_card_number ssn jwt bearer access_token accessToken \
        refreshToken id_token auth_token authToken auth X-Auth-Token user_password \
        userPassword db.password password1 password2 password_confirmation new_password \
        passwordHash password_digest DB_PASSWORD MYSQL_PWD SECRET_KEY SECRET_KEY_BASE \
        AWS_SECRET_ACCESS_KEY aws_session_token stripe_secret_key encryptionKey signing_key \
        ssh_private_key api_keys tokens refresh_tokens token_value tokenHash cookies \
        http_cookie HTTP_AUTHORIZATION PHPSESSID JSESSIONID authorization_code \
        verification_code recovery_codes X-Amz-Signature X-Hub-Signature-256 user[password] \
        user.pass pass smtp_pass passWord oauth_token oauth2_token bot_token webhook_secret \
        secret_id 密码 用户密码 пароль Ocp-Apim-Subscription-Key security_code seed_phrase \
        mnemonic social_security_number iban IBAN customer_iban sid sig signature stripe_key \
        log_center_key authorisation cardnum contraseña mot_de_passe токен парола";
    for key in secret.split_whitespace() {
        assert!(keys::judge(key.as_bytes()).is_secret, "{key}");
    }
    for key in ["api key", "Card Number", "set cookie", "access token", "pass phrase"] {
        assert!(keys::judge(key.as_bytes()).is_secret, "{key}");
    }
    let ordinary = "max_tokens maxTokens token_count tokenCount tokens_used prompt_tokens \
        completionTokens total_tokens completion_tokens_details cache_read_input_tokens \
        token_type token_limit token_expires_at token_id next_token nextPageToken tokenizer \
        author authors authority authenticated auth_method authProvider is_authenticated \
        session_count sessionCount session_duration sessions key keys keyboard keyName \
        primary_key foreign_key public_key cache_key idempotency_key cookie_consent \
        cookieConsent cookie_policy cookies_enabled password_changed_at passwordLength \
        password_policy password_reset_at has_password is_secret secret_name secretary \
        passed passive passenger compass bypass passage pinned pinning spin opinion \
        function_signature signatures card cards card_type status_code error_code postal_code \
        zip_code phone_number order_number line_number number code pass_rate boarding_pass \
        private privacy access account api client bearing jwt_expired csrf_failed \
        otp_sent_at basic message url method status headers user_id request_id email \
        username description hash sha commit_hash version 名称 access_key_id private_key_id \
        hasCookies cvc_check ssnippet";
    for key in ordinary.split_whitespace() {
        assert!(!keys::judge(key.as_bytes()).is_secret, "{key}");
    }
}

#[test]
fn keys_of_identifiers_are_known() {
    for key in "id user_id userId ID uuid request_id trace_id timestamp time created_at updatedAt \
        version commit commit_hash commitId hash sha sha256 md5 order.id X-Request-Id"
        .split_whitespace()
    {
        assert!(keys::judge(key.as_bytes()).is_identifier, "{key}");
    }
    for key in "number card note idea video valid paid format atlas".split_whitespace() {
        assert!(!keys::judge(key.as_bytes()).is_identifier, "{key}");
    }
}

#[test]
fn the_operator_adds_and_excepts_keys() {
    let words = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let own = Scrubber::new(&words(&["internal_code", "E-Mail"]), &words(&["session", "x", ""]));
    let check = |raw: &str, expected: &str| {
        assert_eq!(own.json(raw), expected.replace('#', "[scrubbed]"), "{raw}");
    };
    check(
        r#"{"customerInternalCode":"a","internal":"b"}"#,
        r##"{"customerInternalCode":"#","internal":"b"}"##,
    );
    check(r#"{"user_e_mail":"a@b","email":"a@b"}"#, r##"{"user_e_mail":"#","email":"a@b"}"##);
    check(r#"{"session":"open","session_id":"x"}"#, r##"{"session":"open","session_id":"#"}"##);
    assert_eq!(own.text("internal-code=5&session=7"), "internal-code=[scrubbed]&session=7");
}

#[test]
fn prose_and_diagnostics_stay() {
    for text in [
        "",
        "invalid literal for int() with base 10: 'abc'",
        "Unexpected token } in JSON at position 12",
        "Unexpected token: }",
        "Unexpected token: 'foo'",
        "Unexpected token: {",
        "invalid token: }",
        "token expired",
        "jwt expired",
        "JsonWebTokenError: jwt malformed",
        "TokenExpiredError: jwt expired",
        "InvalidToken: Signature has expired",
        "KeyError: 'password'",
        "password is wrong",
        "Secret not found",
        "Password: is required",
        "password: must contain at least 8 characters",
        "token: string | null",
        "session: closed by peer",
        "csrf: verification failed",
        "CSRF Failed: CSRF token missing.",
        "password=None, token=null, secret=",
        "WHERE password = $1 AND token = ? AND secret = %s",
        "mutation($token: String!) { login(password: $password) }",
        "if token == null || password === undefined:",
        "const token = getToken();",
        "password = request.POST['password']",
        "token = os.environ[\"API_TOKEN\"]",
        "login(user=user, password=self.password)",
        "tokens.map(token => token.id)",
        "use --password to set one, --token <token>",
        "max_tokens=4096 prompt_tokens: 12",
        "    at loadToken (src/auth/token.js:12:34)",
        "    at session (/app/src/session:42:10)",
        "getPassword@https://app.example.com:8080/assets/password.js:3:17",
        "  File \"/app/auth/tokens.py\", line 42, in refresh_token",
        "\tat com.acme.auth.Secret.get(Secret.java:12)",
        "use crate::auth::token::Parser",
        "bearer of bad news, Bearer token missing, basic JavaScript, Basic authentication",
        "WWW-Authenticate: Bearer realm=\"x\"",
        "https://unpkg.com/@scope/name@1.2.3/index.js",
        "ssh://git@github.com/a/b.git http://localhost:3000/a@b mailto:bob@example.com",
        "postgres://app@localhost:5432/db",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "ghp_short sk_live_ xoxb- AKIAIOSFODNN7 AKIAIOSFODNN7EXAMPLEX my_ghp_0123456789abcdef0123",
        "eyJ eyJ.eyJ.x eyJhbGciOiJIUzI1NiJ9 keyJhbGciOiJI.aaaaaaaa.bbbbbbbb",
        "`eslint-disable-next-line no-secrets`, List<Token> items, <token/> <secret> a < b",
        "fields [\"password\", \"email\"]; a.hasToken=function(t){return t}",
        "fields ['username', 'password', 'email'] of (\"token\", 3)",
        "cookies = {}; headers: { cookie: [] }",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "[scrubbed] password=[scrubbed] token: [scrubbed]",
    ] {
        stays(text);
    }
}

#[test]
fn pairs_in_text_are_scrubbed_by_key() {
    check("password: hunter2", "password: #");
    check("password=hunter2", "password=#");
    check("login with password: hunter2 failed", "login with password: # failed");
    check("{'user': 'bob', 'password': 'x y'}", "{'user': 'bob', 'password': '#'}");
    check(r#"{"user":"bob","password":"a\"b"}, x"#, r##"{"user":"bob","password":"#"}, x"##);
    check(r#"body {\"password\":\"x\\\"y\",\"a\":1}"#, r##"body {\"password\":\"#\",\"a\":1}"##);
    check(r#"{ "password" => "x", :token => 'y' }"#, r##"{ "password" => "#", :token => '#' }"##);
    check("run --password x --token=y -v", "run --password # --token=# -v");
    check("run --api-key 'a b' now", "run --api-key '#' now");
    check("UPDATE u SET password='x', a=1 WHERE b", "UPDATE u SET password='#', a=1 WHERE b");
    check("User(name='bob', password=b'x', pin=1234)", "User(name='bob', password=b'#', pin=#)");
    check("{user=bob, password=hunter2}", "{user=bob, password=#}");
    check(
        "Server=db;User=sa;Password=p,1)x;Pooling=true",
        "Server=db;User=sa;Password=#;Pooling=true",
    );
    check("params[\"password\"] = \"x\"", "params[\"password\"] = \"#\"");
    check("export DB_PASSWORD=x\nexport A=b", "export DB_PASSWORD=#\nexport A=b");
    check("token := \"abc\"", "token := \"#\"");
    check("API key: abc123, session id = 77f", "API key: #, session id = #");
    check("IBAN: GB33 BUKB 2020 1555 5555 55 rejected", "IBAN: # rejected");
    check("iban = DE89 3704 0044 0532 0130 00, name=Bob", "iban = #, name=Bob");
    check("iban: DE89 was wrong", "iban: # was wrong");
    check("iban: DE89 3704 0044x", "iban: # 0044x");
    check("ПАРОЛЬ: x1", "ПАРОЛЬ: #");
    check("密码：123456，用户", "密码：#");
    check("{ cookies: { sid: 'x', y: [1] }, a: 1 }", "{ cookies: #, a: 1 }");
    check("'credentials': ('bob', 'x'), 'a': 1", "'credentials': #, 'a': 1");
    check("Some { token: Some(\"abc\"), a: 1 }", "Some { token: Some(\"#\"), a: 1 }");
    check("password='never closed", "password='#");
    check(
        "<user>bob</user><Password type=\"t\">x&amp;y</Password>",
        "<user>bob</user><Password type=\"t\">#</Password>",
    );
    check("<secret><![CDATA[a<b]]></secret>", "<secret>#</secret>");
    check("[[\"Host\",\"h\"], [\"Cookie\",\"x\"]] x", "[[\"Host\",\"h\"], [\"Cookie\",\"#\"]] x");
    check("[('Host', 'h'), ('X-Api-Key', 'abc')]", "[('Host', 'h'), ('X-Api-Key', '#')]");
    check(
        "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter 2\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n#\r\n--b--",
    );
}

#[test]
fn a_name_in_quotes_that_is_passed_over_hides_no_secret() {
    let form = |name: &str| format!("name=\"{name}\"\n\n");
    check(&form(&format!("a\n{JWT}\ntoken")), &form("a\n#\ntoken"));
    check(&form("ghp_0123456789abcdefghijABCD token"), &form("# token"));
}

#[test]
fn what_another_secret_hid_is_taken_out_too() {
    check("token:$token:3", "token:#");
}

#[test]
fn what_was_taken_out_is_never_halved() {
    check("pin=f($token:123, x", "pin=f($token:#, x");
}

#[test]
fn what_was_taken_out_is_no_key_of_what_follows() {
    check("Cookie: \"user_id\":\"4111111111111111\"", "Cookie: \"#\":\"#\"");
}

#[test]
fn headers_in_text_are_scrubbed_whole() {
    check("Authorization: Bearer x", "Authorization: #");
    check("Authorization: x", "Authorization: #");
    check("Host: h\r\nAuthorization: Basic dTpw\r\nA: b", "Host: h\r\nAuthorization: #\r\nA: b");
    check("Cookie: a=1; b=2; c=3\nA: b", "Cookie: #\nA: b");
    check("Set-Cookie: sid=x; Path=/; HttpOnly", "Set-Cookie: #");
    check("curl -H 'Authorization: Token abc' -H 'A: b'", "curl -H 'Authorization: #' -H 'A: b'");
    check("{'Cookie': 'a=1; b=2', 'A': 'b'}", "{'Cookie': '#', 'A': 'b'}");
    check(
        "Authorization: Digest username=\"bob\", response=\"x\", opaque=\"y\"\nA: b",
        "Authorization: #\nA: b",
    );
}

#[test]
fn forms_and_addresses_are_scrubbed_by_key() {
    check("a=1&password=x&b=2", "a=1&password=#&b=2");
    check(
        "https://h/p?token=x#top",
        "https://h/p?token=[scrubbed]".replace("[scrubbed]", "#").as_str(),
    );
    check("GET /a?access_token=x&b=2 HTTP/1.1", "GET /a?access_token=#&b=2 HTTP/1.1");
    check("a=1&pass%77ord=x&b=2", "a=1&pass%77ord=#&b=2");
    check("user%5Bpassword%5D=x&user[token]=y&b=2", "user%5Bpassword%5D=#&user[token]=#&b=2");
    check(
        "next=https%3A%2F%2Fh%3Fa%3D1%26token%3Dx%26b%3D2&c=3",
        "next=https%3A%2F%2Fh%3Fa%3D1%26token%3D#%26b%3D2&c=3",
    );
    check("https://b.example/x?se=2026&sig=abc%3D&sp=r", "https://b.example/x?se=2026&sig=#&sp=r");
    check("redis://:p@h:6379/0", "redis://#@h:6379/0");
    check("postgres://bob:p@ss:w@h/db?sslmode=x", "postgres://#@h/db?sslmode=x");
    check("fetch https://bob:pw@h/a, failed", "fetch https://#@h/a, failed");
    check("https://0123456789abcdef0123@h/a", "https://#@h/a");
}

#[test]
fn secrets_are_known_by_shape() {
    check("got Bearer abc123 back", "got Bearer # back");
    check("bearer abc.def.ghi", "bearer #");
    check("BEARER abcdefghijklmnopqrstuvwxyz", "BEARER #");
    check("Basic dXNlcjpwYXNz!", "Basic #!");
    check(&format!("token {JWT}."), "token #");
    check(&format!("a={JWT}&b=1"), "a=#&b=1");
    check("sess-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.x", "sess-#");
    check("ghp_0123456789abcdefghijABCDEFGHIJ012345, x", "#, x");
    check("key sk_live_4eC39HqLyjWDarjtT1zdp7dc", "key #");
    check("xoxb-123456789012-abcdefABCDEF", "#");
    check("id AKIAIOSFODNN7EXAMPLE.", "id #.");
    check("AIzaSyA1234567890abcdefghijklmnopqrstuvw", "#");
    check("glpat-0123456789abcdefghij sk-proj-0123456789abcdefghij", "# #");
    let body = "MIIEpAIBAAKCAQEA1234567890abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL";
    check(
        &format!("a\n-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\nb"),
        "a\n#\nb",
    );
    check("k -----BEGIN PRIVATE KEY-----\\nMII\\n-----END PRIVATE KEY-----\\n", "k #\\n");
    check("k -----BEGIN EC PRIVATE KEY-----\nMII\nabc", "k #");
    check("abc=\n-----END OPENSSH PRIVATE KEY-----\nrest", "#\nrest");
    check(body, "#");
}

#[test]
fn keys_sessions_and_links_of_our_own_are_scrubbed() {
    let digits = "0123456789abcdef".repeat(3);
    for (before, behind) in [
        ("X-Log-Center-Key: ", " sent"),
        ("/api/v1/logs/report?key=", "&a=b"),
        ("curl -b log-center=", ""),
        ("__Host-log-center=", "; Path=/"),
        ("open https://errors.example.org/join#", " now"),
    ] {
        for mark in if before.contains("ey") { &["lcr_", "lca_"][..] } else { &[""] } {
            let text = format!("{before}{mark}{digits}{behind}");
            let expected = format!("{before}[scrubbed]{behind}");
            assert_eq!(scrubber().text(&text), expected, "{text}");
        }
    }
    let link = format!("/act#verify.{digits}");
    assert_eq!(scrubber().text(&link), "/act#[scrubbed]");
    for text in ["the log-center=on flag", "Foo#bar", "/join#top", "/act#", "calc_result", "lca_"] {
        stays(text);
    }
}

#[test]
fn an_id_in_text_is_no_card() {
    for text in [
        "/x?order_id=4111111111111111&page=2",
        "request_id: 4111111111111111",
        "commit=4111111111111111",
        "{'user_id': '4111111111111111'}",
        r#"{\"event_id\":\"4111111111111111\"}"#,
    ] {
        check(text, text);
    }
    check("/x?amount=4111111111111111", "/x?amount=#");
    check("paid id 4111111111111111", "paid id #");
}

#[test]
fn payment_cards_are_known_by_brand_length_and_check_digit() {
    for card in [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4222222222222",
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "3782 822463 10005",
        "6011111111111117",
        "30569309025904",
        "3056 930902 5904",
        "3530111333300000",
        "6200000000000005",
        "6500000000000002",
    ] {
        check(card, "#");
        check(&format!("card {card}, 12/27"), "card #, 12/27");
        check(&format!("({card})"), "(#)");
    }
    check("4111 1111 1111 1111 12/27 123", "# 12/27 123");
    check("卡号4111111111111111被拒", "卡号#被拒");
    for other in [
        "4111111111111112",
        "1234567812345670",
        "41111111111111111111",
        "a4111111111111111",
        "4111111111111111a",
        "0.4111111111111111",
        "4111111111111111.5",
        "req_4111111111111111",
        "4111 1111  1111 1111",
        "4111-1111 1111-1111",
        "1700000000000",
        "1700000000000000",
        "2026-01-30T10:30:00.123456Z",
        "550e8400-e29b-41d4-a716-446655440000",
        "41111111-1111-1111-1111-111111111111",
        "0x4111111111111111",
        "12-4111-1111-1111-1111",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-4111111111111111-01",
    ] {
        stays(other);
    }
}
