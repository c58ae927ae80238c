//! What a mail server's answers mean.

use super::verdict::{Outcome, Verdict};

/// What a mail server was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing yet: it greets.
    Greeting,
    /// `EHLO`.
    Hello,
    /// `STARTTLS`.
    StartTls,
    /// `AUTH`.
    Login,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`, and the mail itself.
    Mail,
}

/// How a conversation with a mail server ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It took the mail.
    Taken,
    /// It refused a step.
    Refused(Step, u16),
    /// It speaks no TLS.
    NoTls,
    /// It lets nobody log in, or not as we can.
    NoLogin,
}

/// What an end means.
pub fn judge(ended: &Ended) -> Verdict {
    let (step, code) = match ended {
        Ended::Taken => return Verdict::sent(250),
        Ended::NoTls => {
            let why = "The mail server offers no TLS at this port: try smtps:// and port 465.";
            return Verdict::misconfigured(why);
        }
        Ended::NoLogin => {
            let why = "The mail server takes no name and password here, or only without TLS: \
                       leave `user` out, or try another port.";
            return Verdict::misconfigured(why);
        }
        Ended::Refused(step, code) => (*step, *code),
    };
    let misconfigured = |reason| (Outcome::Misconfigured, reason);
    let (outcome, reason) = match (step, code) {
        (Step::Login, 454) | (_, 400..=499) => {
            (Outcome::Retry(None), "The mail server does not take it now.")
        }
        (_, ..400) => (Outcome::Retry(None), "The answer is no mail server's."),
        (_, 530) => misconfigured("The mail server asks for a login: enter `user` and `token`."),
        (Step::Login, _) => misconfigured("The name or the password is not accepted."),
        (Step::Greeting | Step::Hello | Step::StartTls, _) => {
            misconfigured("The mail server does not serve this machine.")
        }
        (Step::Sender, _) => {
            misconfigured("The mail server does not accept the address in `from`.")
        }
        (Step::Recipient, _) => {
            misconfigured("The mail server accepts none of the addresses in `to`.")
        }
        (Step::Mail, _) => (Outcome::Rejected, "The mail is not accepted as it is."),
    };
    Verdict { outcome, code: code.to_string(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_their_step_makes_of_them() {
        let table = [
            (Ended::Taken, "sent 250"),
            (Ended::NoTls, "misconfigured "),
            (Ended::NoLogin, "misconfigured "),
            (Ended::Refused(Step::Greeting, 421), "retry 421"),
            (Ended::Refused(Step::Greeting, 554), "misconfigured 554"),
            (Ended::Refused(Step::Hello, 200), "retry 200"),
            (Ended::Refused(Step::StartTls, 454), "retry 454"),
            (Ended::Refused(Step::Login, 454), "retry 454"),
            (Ended::Refused(Step::Login, 535), "misconfigured 535"),
            (Ended::Refused(Step::Sender, 530), "misconfigured 530"),
            (Ended::Refused(Step::Sender, 550), "misconfigured 550"),
            (Ended::Refused(Step::Recipient, 450), "retry 450"),
            (Ended::Refused(Step::Recipient, 550), "misconfigured 550"),
            (Ended::Refused(Step::Mail, 451), "retry 451"),
            (Ended::Refused(Step::Mail, 552), "rejected 552"),
            (Ended::Refused(Step::Mail, 554), "rejected 554"),
        ];
        for (ended, expected) in table {
            let verdict = judge(&ended);
            let got = format!("{} {}", verdict.outcome.name(), verdict.code);
            assert_eq!(got, expected, "{ended:?}");
            assert_eq!(verdict.reason.is_empty(), verdict.outcome == Outcome::Sent);
        }
    }
}
