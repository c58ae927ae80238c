//! A whole address, taken apart into a server and what is asked of it.

use hyper::Uri;

use super::Address;

/// The server of an address, and its path with the query. The error is a clause.
pub fn split(text: &str) -> Result<(Address, String), String> {
    let uri: Uri = text.trim().parse().map_err(|_| "expected an address, e.g. https://…")?;
    let origin = match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => format!("{scheme}://{authority}"),
        _ => return Err("expected an address that begins with https://".into()),
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Ok((origin.parse()?, path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let table = [
            ("https://a.example/hook?k=1", Some(("a.example", 443, "/hook?k=1"))),
            ("http://[::1]:80", Some(("::1", 80, "/"))),
            ("https://a:b@c/", None),
            ("ftp://a/", None),
            ("a.example/hook", None),
            ("", None),
        ];
        for (text, expected) in table {
            let read = split(text).ok();
            let read = read.as_ref().map(|(at, path)| (at.host(), at.port, path.as_str()));
            assert_eq!(read, expected, "{text}");
        }
    }
}
