//! Lines of source around a frame: what a stack names is looked up in the folder of its project.

use serde_json::json;

use super::error::Error;
use super::exchange::{self, Request, Response};
use super::query::Query;
use crate::app::App;
use crate::app::source::{Excerpt, Place};
use crate::domain::transfer::NUMBER_MAX;

/// `GET /api/v1/projects/{project_id}/source`.
pub(super) async fn around(app: &App, request: Request) -> Result<Response, Error> {
    let place = read_place(request.query())?;
    // What lies outside, what is no text and what is not there are told alike.
    let found = app.source(request.param(0), place).await?;
    let Excerpt { file, line, first_line, lines } = found.ok_or(Error::NotFound("source"))?;
    Ok(exchange::json_ok(&json!({
        "file": file, "line": line, "first_line": first_line, "lines": lines,
    })))
}

fn read_place(text: &str) -> Result<Place, Error> {
    let mut query = Query::parse(text);
    let file = query.required("file");
    let line = query.required_integer("line", 1..=NUMBER_MAX);
    query.finish()?;
    Ok(Place { file, line: usize::try_from(line).unwrap_or(usize::MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_and_a_line() {
        let place = read_place("file=a%2Fb.py&line=7").expect("valid");
        assert_eq!((place.file.as_str(), place.line), ("a/b.py", 7));
        for text in ["file=a", "line=1", "file=a&line=0", "file=a&line=x", "file=&line=1"] {
            assert_eq!(read_place(text).expect_err(text).status(), 400);
        }
    }
}
