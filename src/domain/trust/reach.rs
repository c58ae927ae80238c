//! Which projects somebody sees: all of them, also later ones, or some. What is out of reach does
//! not exist for them.

use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A project that is within reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number: a project of the same name that comes later is another.
    pub number: i64,
    /// Its name.
    pub name: String,
}

/// The projects that somebody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All, also those to come.
    Every,
    /// These.
    Of(Arc<[Place]>),
}

impl Reach {
    /// Whether a project is within it.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Of(places) => places.iter().any(|place| place.name == name),
        }
    }

    /// Whether somebody of this reach knows of somebody of that one: they share a project.
    pub fn meets(&self, other: &Self) -> bool {
        match self {
            Self::Every => true,
            Self::Of(places) => places.iter().any(|place| other.has(&place.name)),
        }
    }

    /// The numbers of its projects, unless it is all.
    pub fn numbers(&self) -> Option<Vec<i64>> {
        match self {
            Self::Every => None,
            Self::Of(places) => Some(places.iter().map(|place| place.number).collect()),
        }
    }
}

/// `null` for all, else the names.
impl Serialize for Reach {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Every => out.serialize_none(),
            Self::Of(places) => out.collect_seq(places.iter().map(|place| &place.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_is_not_all_and_none_is_nothing() {
        let place = Place { number: 7, name: "shop".into() };
        let some = Reach::Of([place].into());
        assert!(some.has("shop") && !some.has("Shop") && !some.has("other"));
        assert_eq!(some.numbers(), Some(vec![7]));
        let none = Reach::Of([].into());
        assert!(!none.has("shop"));
        assert_eq!(none.numbers(), Some(vec![]), "nothing, not everything");
        assert!(some.meets(&some) && some.meets(&Reach::Every) && Reach::Every.meets(&none));
        assert!(!some.meets(&none) && !none.meets(&some) && !none.meets(&Reach::Every));
        assert!(Reach::Every.has("any") && Reach::Every.numbers().is_none());
        let shown = |reach| serde_json::to_string(&reach).expect("JSON");
        assert_eq!((shown(some), shown(Reach::Every)), (r#"["shop"]"#.into(), "null".into()));
    }
}
