//! Writes the table into the document that shows it, between two marks.

use std::fs;
use std::path::Path;

/// Puts the lines between the marks of a name; what stood there goes.
pub(crate) fn write(path: &Path, name: &str, lines: &str) {
    let text = fs::read_to_string(path).expect("the document");
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->\n"));
    let (before, rest) = text.split_once(&begin).expect("a mark");
    let (_, after) = rest.split_once(&end).expect("a mark at its end");
    fs::write(path, format!("{before}{begin}{lines}{end}{after}")).expect("a document to write");
    eprintln!("written into {}", path.display());
}
